"""What is counted in a campaign, the stages of its funnel, and the charts of both."""

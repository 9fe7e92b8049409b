"""Write a backup and restore one."""

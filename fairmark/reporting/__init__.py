"""What people read: feedback pages, the class report, exports."""

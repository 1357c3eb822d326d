"""Output for people: feedback pages, the class report, exports."""

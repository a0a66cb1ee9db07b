"""What every route of every service does alike: repeated requests and conditional ones."""

"""What the commands do: functions over `Services` that answer plain data."""

"""What every command rests on: its arguments, the language it speaks, where it writes, how it ends."""

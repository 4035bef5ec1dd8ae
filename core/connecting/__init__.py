"""What connectors share whatever their wire: which streams a source gives, how a command is carried out."""

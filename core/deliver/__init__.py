"""From a decided notice to bytes that left the house: wording, letter, mail, archive, channels."""

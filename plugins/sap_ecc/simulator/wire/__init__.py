"""How the function modules are reached: SOAP over HTTP, and the calls of the stand-in RFC module."""

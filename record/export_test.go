package record

// Body lets the tests write functions for every kind of signed document.
type Body interface{ body }

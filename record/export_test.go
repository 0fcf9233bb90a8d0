package record

// Body lets the tests write functions for every kind of signed document.
type Body interface{ body }

// Err returns the first flaw as an error, or nil.
func (s *Scan) Err() error {
	if len(s.Flaws) == 0 {
		return nil
	}
	return s.Flaws[0].err()
}

package eid

// A view is what the daemon says of our reader at one moment.
type view struct {
	reader  string   // its name; "": none
	why     error    // why there is none
	all     []string // the readers that are connected
	present bool     // a card is in it
	mute    bool     // the card does not answer
	counter uint16   // of insertions and removals, kept by the daemon
}

// A situation is what has been reported so far.
type situation struct {
	reader  string
	card    bool
	mute    bool
	counter uint16

	// empty says that the last view had our reader without a card, and counter
	// is of it. Such a view may be followed by one with a card and the same
	// counter: pcscd changes the state first, and the counter a moment later.
	empty bool
}

// next returns what has to be reported so that the view is the situation, and
// makes it so. It is the whole rule of events: a card that was reported is
// reported as removed before anything else is said, even if the view shows a
// card again; the daemon's counter tells that it is another, or was out.
func (s *situation) next(v view) []EventKind {
	var kinds []EventKind
	same := v.reader == s.reader
	if s.card && !(same && v.present && v.counter == s.counter && (!s.mute || v.mute)) {
		kinds = append(kinds, Removed)
		s.card = false
	}
	if s.reader != "" && !same {
		kinds = append(kinds, Lost)
		s.reader, s.empty = "", false
	}
	if s.reader == "" && v.reader != "" {
		kinds = append(kinds, Restored)
		s.reader = v.reader
	}
	if v.reader != "" && v.present && !s.card {
		if s.empty && v.counter == s.counter {
			s.empty = false // reported with the next view, which has the counter
			return kinds
		}
		kinds = append(kinds, Inserted)
		s.card, s.mute = true, v.mute
	}
	s.empty, s.counter = v.reader != "" && !v.present, v.counter
	return kinds
}

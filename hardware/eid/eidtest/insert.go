package eidtest

import (
	"errors"
	"fmt"
	"time"
)

// Insert puts the card into the reader and returns when the daemon has powered it. A reader
// holds one card: a second is an error. After Remove it first waits until the daemon knows that the reader is empty.
func (s *Stack) Insert(c *Card) error {
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		l, err := s.put(c)
		if err != nil {
			return fmt.Errorf("inserting a card: %w", err)
		}
		select {
		case <-l.powered:
			return nil
		case <-l.forgotten:
			// The card before was removed, and a command failed on it, and so the daemon
			// has taken this one for it. A hand is slower: pull it, and the daemon sees none.
			s.take(l)
		case <-l.gone:
			s.take(l)
		case <-end.C:
			s.take(l)
			return fmt.Errorf("inserting a card: pcscd gave it no power: %s", s.complaints())
		}
	}
}

// put connects the card to the reader, once the daemon knows that the one before
// is gone.
func (s *Stack) put(c *Card) (*link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last; last != nil && s.card == nil {
		s.mu.Unlock()
		select {
		case <-last.gone:
		case <-time.After(patience): // the daemon hangs: connecting will say so
		}
		s.mu.Lock()
	}
	switch {
	case s.ended:
		return nil, errors.New("the stack was stopped")
	case s.card != nil:
		return nil, errors.New("there is one in the reader")
	}
	next := hurried
	if s.unhurried {
		next = nextLook
	}
	l, err := plug(c, s.ports.address(), next)
	if err != nil {
		return nil, err
	}
	if !s.unhurried {
		go s.supervisor.wake(l.powered)
	}
	s.card, s.last = l, l
	return l, nil
}

// take pulls the card out if it is still the one in the reader.
func (s *Stack) take(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.card == l {
		s.pull()
	}
}

// Remove pulls the card out; without a card it does nothing. It returns at once, and
// what the card was answering is lost. Clients hear of it when the daemon next looks, or when a
// command fails.
func (s *Stack) Remove() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.card != nil {
		s.pull()
	}
	return nil
}

// pull takes the card out of the reader.
func (s *Stack) pull() {
	s.card.pull()
	if !s.unhurried {
		go s.supervisor.wake(s.card.gone)
	}
	s.card = nil
}

// Package voicetest plays a voice: a Speaker remembers what it was told to
// say, and Programs are stand-ins for those that speak and play.
package voicetest

import (
	"sync"

	"github.com/openreferendum/referendum/hardware/voice"
)

// A Speaker has the methods of a voice.Voice and makes no sound. It says each
// utterance until another one comes, Hush, or Finish. The zero value is ready.
// All methods may be called from several goroutines.
type Speaker struct {
	mu       sync.Mutex
	said     []voice.Utterance
	speaking bool
	closed   bool
	mute     bool
	lost     chan error
}

// Say remembers the utterance, and says it instead of what is being said. What
// has no words, or a language that is not among the default voices, is
// remembered and not said.
func (s *Speaker) Say(u voice.Utterance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.said = append(s.said, u)
	_, known := voice.DefaultVoices()[u.Language]
	s.speaking = known && voice.HasWords(u.Text) && !s.mute
}

// Hush ends what is being said.
func (s *Speaker) Hush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speaking = false
}

// Finish lets what is being said come to its end.
func (s *Speaker) Finish() { s.Hush() }

// Lost is the channel of voice.Voice.
func (s *Speaker) Lost() <-chan error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channel()
}

func (s *Speaker) channel() chan error {
	if s.lost == nil {
		s.lost = make(chan error, 1)
	}
	return s.lost
}

// Break loses the voice: it is told once, and nothing is said any more before
// Mend.
func (s *Speaker) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mute {
		return
	}
	s.mute, s.speaking = true, false
	select {
	case s.channel() <- err:
	default:
	}
}

// Mend brings a voice back.
func (s *Speaker) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mute = false
}

// Close ends everything. A second Close does nothing.
func (s *Speaker) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.speaking = true, false
	return nil
}

// Said returns everything that it was told to say.
func (s *Speaker) Said() []voice.Utterance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]voice.Utterance(nil), s.said...)
}

// Speaking returns what is being said.
func (s *Speaker) Speaking() (u voice.Utterance, speaking bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.speaking {
		return voice.Utterance{}, false
	}
	return s.said[len(s.said)-1], true
}

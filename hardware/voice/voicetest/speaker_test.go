package voicetest_test

import (
	"errors"
	"testing"

	"github.com/openreferendum/referendum/hardware/voice"
	"github.com/openreferendum/referendum/hardware/voice/voicetest"
)

// TestBreak: a played voice that is lost is told once, as a real one; what it
// was told to say meanwhile is remembered.
func TestBreak(t *testing.T) {
	var s voicetest.Speaker
	s.Say(voice.Utterance{Text: "one", Language: "en"})
	gone := errors.New("no sound card")
	s.Break(gone)
	s.Break(gone)
	s.Say(voice.Utterance{Text: "two", Language: "en"})
	if _, speaking := s.Speaking(); speaking {
		t.Error("it speaks without a voice")
	}
	if err := <-s.Lost(); !errors.Is(err, gone) {
		t.Errorf("lost because of %v", err)
	}
	select {
	case <-s.Lost():
		t.Error("told twice")
	default:
	}
	s.Mend()
	s.Say(voice.Utterance{Text: "three", Language: "en"})
	if u, speaking := s.Speaking(); !speaking || u.Text != "three" {
		t.Error("it does not speak again")
	}
	if said := s.Said(); len(said) != 3 || said[1].Text != "two" {
		t.Errorf("%d utterances are remembered", len(said))
	}
	s.Finish()
	if _, speaking := s.Speaking(); speaking {
		t.Error("it never comes to an end")
	}
}

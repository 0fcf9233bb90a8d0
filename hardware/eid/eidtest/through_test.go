package eidtest_test

import (
	"bytes"
	"crypto"
	"fmt"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// TestAnswersAsTheyAre: whatever a hook answers reaches the client unchanged, up
// to what the reader's link can carry.
func TestAnswersAsTheyAre(t *testing.T) {
	s := eidtest.StartStack(t)
	card := newCard(t, eidtest.PINOnce)
	if err := s.Insert(card); err != nil {
		t.Fatal(err)
	}
	handle := connect(t, s)
	for _, c := range []struct{ sent, want int }{{1, 1}, {2, 2}, {3, 3}, {258, 258}, {259, 259}, {4096, 4096}, {65535, 65535}, {70000, 65535}} {
		answer := bytes.Repeat([]byte{0x6F}, c.sent)
		card.Hook(func([]byte) ([]byte, bool) { return answer, true })
		if got, err := handle.Transmit(selectPIV); err != nil || !bytes.Equal(got, answer[:c.want]) {
			t.Errorf("an answer of %d bytes came as %d, %v", c.sent, len(got), err)
		}
	}
	card.Hook(nil)
	if got, err := handle.Transmit(selectPIV); err != nil || !bytes.HasSuffix(got, []byte{0x90, 0x00}) {
		t.Errorf("afterwards: %x, %v", got, err)
	}
}

// TestSilence: a card that does not answer keeps its client waiting until it is removed.
func TestSilence(t *testing.T) {
	for name, end := range map[string]func(*eidtest.Stack) error{
		"removed":       (*eidtest.Stack).Remove,
		"daemon killed": (*eidtest.Stack).KillDaemon,
	} {
		t.Run(name, func(t *testing.T) {
			s := eidtest.StartStack(t)
			card := newCard(t, eidtest.PINOnce)
			if err := s.Insert(card); err != nil {
				t.Fatal(err)
			}
			handle := connect(t, s)
			asked := make(chan struct{})
			card.Hook(func([]byte) ([]byte, bool) { close(asked); return nil, true })
			done := make(chan error, 1)
			go func() {
				_, err := handle.Transmit(selectPIV)
				done <- err
			}()
			<-asked
			if err := end(s); err != nil {
				t.Error(err)
			}
			select {
			case err := <-done:
				if err == nil {
					t.Error("a silent card answered")
				}
			case <-time.After(deadline):
				t.Fatal("the client still waits")
			}
		})
	}
}

// TestRemoval: clients hear of it, in haste or not, and a command after it fails.
func TestRemoval(t *testing.T) {
	for _, hurry := range []bool{true, false} {
		t.Run(fmt.Sprintf("hurry=%v", hurry), func(t *testing.T) {
			s := eidtest.StartStack(t)
			s.Hurry(hurry)
			for range 3 {
				if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
					t.Fatal(err)
				}
				handle := connect(t, s)
				if err := s.Remove(); err != nil {
					t.Fatal(err)
				}
				if got, err := handle.Transmit(selectPIV); err == nil {
					t.Errorf("a card that was removed answered %x", got)
				}
				_ = handle.Disconnect(scard.LeaveCard) // or the next client meets a sharing violation
				context, err := scard.EstablishContext()
				if err != nil {
					t.Fatal(err)
				}
				await(t, context, s, scard.StateEmpty)
				if err := context.Release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestDaemonReplaced: a daemon that crashed and came back at once is seen by
// who waits for an event, and what belonged to the old one fails.
func TestDaemonReplaced(t *testing.T) {
	s := eidtest.StartStack(t)
	if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
		t.Fatal(err)
	}
	handle := connect(t, s)
	context, err := scard.EstablishContext()
	if err != nil {
		t.Fatal(err)
	}
	states := []scard.ReaderState{{Reader: s.ReaderName()}}
	if err := context.GetStatusChange(states, 0); err != nil {
		t.Fatal(err)
	}
	states[0].CurrentState = states[0].EventState
	seen := make(chan error, 1)
	go func() { seen <- context.GetStatusChange(states, deadline) }()
	if err := s.RestartDaemon(); err != nil {
		t.Fatal(err)
	}
	if err := <-seen; err == nil || err == scard.ErrTimeout {
		t.Errorf("who waited for an event: %v", err)
	}
	if got, err := handle.Transmit(selectPIV); err == nil {
		t.Errorf("the old daemon's handle answers %x", got)
	}
	again, err := scard.EstablishContext()
	if err != nil {
		t.Fatalf("the new daemon is not found: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

// inserted is a connected card with a key that needs no PIN.
func inserted(b *testing.B, key crypto.Signer) *scard.Card {
	s := eidtest.StartStack(b)
	if err := s.Insert(eidtest.NewCard(eidtest.CardConfig{Slots: map[byte]eidtest.Slot{0x9E: slot(b, key, eidtest.PINNone)}})); err != nil {
		b.Fatal(err)
	}
	handle := connect(b, s)
	if _, err := handle.Transmit(selectPIV); err != nil {
		b.Fatal(err)
	}
	return handle
}

func BenchmarkCommand(b *testing.B) {
	handle := inserted(b, newKey(b, "ecdsa-p256"))
	for b.Loop() {
		if _, err := handle.Transmit([]byte{0x00, 0xCB, 0x3F, 0xFF, 3, 0x5C, 1, 0x7E, 0}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignature(b *testing.B) {
	for _, kind := range kinds {
		b.Run(kind.name, func(b *testing.B) {
			key := newKey(b, kind.name)
			handle := inserted(b, key)
			template := request(0x81, kind.challenge(key.Public()))
			command := append([]byte{0x00, 0x87, kind.algorithm, 0x9E, 0, byte(len(template) >> 8), byte(len(template))}, template...)
			command = append(command, 0, 0)
			for b.Loop() {
				got, err := handle.Transmit(command)
				if err != nil || !bytes.HasSuffix(got, []byte{0x90, 0x00}) {
					b.Fatalf("%x, %v", got, err)
				}
			}
		})
	}
}

// BenchmarkSeen is the time from the hand to the client's event.
func BenchmarkSeen(b *testing.B) {
	for _, hurry := range []bool{true, false} {
		b.Run(fmt.Sprintf("hurry=%v", hurry), func(b *testing.B) {
			s := eidtest.StartStack(b)
			s.Hurry(hurry)
			context, err := scard.EstablishContext()
			if err != nil {
				b.Fatal(err)
			}
			card := newCard(b, eidtest.PINOnce)
			var insertions, removals, longest time.Duration
			for b.Loop() {
				start := time.Now()
				if err := s.Insert(card); err != nil {
					b.Fatal(err)
				}
				await(b, context, s, scard.StatePresent)
				there := time.Now()
				if err := s.Remove(); err != nil {
					b.Fatal(err)
				}
				await(b, context, s, scard.StateEmpty)
				insertions += there.Sub(start)
				removals += time.Since(there)
				longest = max(longest, there.Sub(start), time.Since(there))
			}
			b.ReportMetric(float64(insertions.Milliseconds())/float64(b.N), "ms/insertion")
			b.ReportMetric(float64(removals.Milliseconds())/float64(b.N), "ms/removal")
			b.ReportMetric(float64(longest.Milliseconds()), "ms-longest")
		})
	}
}

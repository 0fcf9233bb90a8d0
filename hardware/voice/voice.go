// Package voice reads text aloud through espeak-ng and a program that plays
// sound. It is described in docs/hardware/voice.md; why it starts programs, which
// nothing else here does, is said in docs/adr/0032-programs-that-speak.md.
//
// What is said may be a voter's choices. It goes to espeak-ng through a pipe, never as
// an argument, a file or a variable that others on the machine could read, and
// nothing is kept of it. The package knows nothing of elections, and has no
// words of its own.
//
// A voice is a help and never a condition: no method waits for sound, and one
// that is lost is told once and is silent from then on until it works again.
package voice

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// An Utterance is what is to be said. Rate and Volume go from −2 to 2; what is
// beyond is taken for the nearest.
type Utterance struct {
	Text     string
	Language string // BCP 47, such as "zh-Hant"; one that Config does not know is not spoken
	Rate     int    // −2 slow, 2 fast
	Volume   int    // −2 soft, 2 loud
}

// A Voice says one thing at a time. All methods may be called from several
// goroutines. A nil Voice is silent.
type Voice struct {
	config   Config
	sounds   recordings
	patience time.Duration
	wake     chan struct{} // there is something in next
	stop     chan struct{} // closed by Close
	done     chan struct{} // closed when nothing runs any more
	lost     chan error
	closer   sync.Once
	closed   error // what Close returned

	mu      sync.Mutex
	turn    int   // counts Say and Hush: what belongs to another turn is not said
	next    *task // what is to be said
	now     *run  // what is being said
	mute    bool  // it was told that the voice is lost
	closing bool
}

// A task is an utterance that is ready to be said.
type task struct {
	turn      int
	pieces    func() []piece // a closure: it cannot be printed
	voice     string         // espeak-ng's name of it
	speed     int            // espeak-ng's -s
	amplitude int            // espeak-ng's -a, and percent of a recording
	said      chan<- error   // told how it went, has room for it; nil: nobody waits
}

// interrupted tells whoever waits for a task that it is not said.
func (t *task) interrupted() {
	if t != nil && t.said != nil {
		t.said <- ErrInterrupted
	}
}

// Open checks the programs and reads the recordings. With a Config without
// Program the Voice is silent. It makes no sound: see Check.
func Open(c Config) (*Voice, error) {
	if c.Program == "" {
		return nil, nil
	}
	if !supported {
		return nil, errors.New("opening the voice: only on Linux")
	}
	c, err := c.complete()
	if err != nil {
		return nil, fmt.Errorf("opening the voice: %w", err)
	}
	sounds, err := readRecordings(c.Recordings)
	if err != nil {
		return nil, fmt.Errorf("opening the voice: %w", err)
	}
	v := &Voice{config: c, sounds: sounds, patience: patience, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}), lost: make(chan error, 1)}
	ready := make(chan error)
	go v.work(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("opening the voice: %w", err)
	}
	return v, nil
}

// Say says something instead of what is being said, and returns at once. An
// utterance without words, or in a language without a voice, only ends that.
func (v *Voice) Say(u Utterance) {
	if v == nil {
		return
	}
	v.replace(v.config.task(u, v.sounds))
}

// Hush ends what is being said: the programs are killed before it returns.
func (v *Voice) Hush() {
	if v == nil {
		return
	}
	v.replace(nil)
}

// replace ends what is being said and puts another task in its place, or none.
func (v *Voice) replace(t *task) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.turn++
	v.kill()
	v.next.interrupted()
	v.next = nil
	if t == nil || v.closing {
		t.interrupted()
		return
	}
	t.turn = v.turn
	v.next = t
	select {
	case v.wake <- struct{}{}:
	default: // it is awake already
	}
}

// Lost says why nothing is heard. An error comes once, and again only after
// something was said to its end meanwhile. The channel of a silent Voice is
// nil. It is never closed.
func (v *Voice) Lost() <-chan error {
	if v == nil {
		return nil
	}
	return v.lost
}

// ErrStays is returned by Close when a program cannot be killed, as one that
// waits for a dead device. The kernel ends it when it can.
var ErrStays = errors.New("voice: a program could not be ended")

// Close ends what is being said and waits until its programs are gone, for at
// most a second. A second Close does nothing.
func (v *Voice) Close() error {
	if v == nil {
		return nil
	}
	v.closer.Do(func() {
		v.mu.Lock()
		v.closing = true
		v.mu.Unlock()
		v.Hush()
		close(v.stop)
		select {
		case <-v.done:
		case <-time.After(time.Second):
			v.closed = ErrStays
		}
	})
	return v.closed
}

// Check says a word in every language, without sound: it finds a program, a
// voice or a device that is not there. It takes about half a second for each
// language. A Config without Program has nothing to check.
func Check(c Config) error {
	v, err := Open(c)
	if v == nil {
		return err
	}
	return errors.Join(v.Check(), v.Close())
}

// Check is the function Check for a voice that is open, which has the device. It
// ends what is being said; what is to be said meanwhile comes first, so it may
// be ErrInterrupted.
func (v *Voice) Check() error {
	if v == nil {
		return nil
	}
	var errs []error
	for _, language := range v.config.languages() {
		err := v.sayWord(language)
		for range 2 {
			if errors.Is(err, ErrInterrupted) {
				err = v.sayWord(language)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("saying a word in %s: %w", language, err))
		}
	}
	return errors.Join(errs...)
}

// ErrInterrupted is returned by Check when something else was said meanwhile: it
// is not known then whether it would have been heard.
var ErrInterrupted = errors.New("voice: something else was to be said")

// sayWord says a word in a language without sound, fast, and waits for its end.
func (v *Voice) sayWord(language string) error {
	said := make(chan error, 1)
	t := v.config.task(Utterance{Text: "1", Language: language, Rate: usual}, nil)
	t.amplitude, t.said = 0, said
	v.replace(t)
	return <-said
}

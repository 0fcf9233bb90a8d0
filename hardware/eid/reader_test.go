package eid_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"github.com/openreferendum/referendum/hardware/eid"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

func TestVirtualReaderIsRefused(t *testing.T) {
	eidtest.StartStack(t)
	for _, c := range []eid.Config{{}, {Readers: []string{"Virtual PCD"}}, {Readers: []string{"Virtual PCD 00 00"}}} {
		if reader, err := eid.Open(c); !errors.Is(err, eid.ErrVirtualReader) {
			t.Errorf("%v: %v, %v", c.Readers, reader, err)
		}
	}
}

func TestReaderThatIsNotAllowed(t *testing.T) {
	r := newRig(t, nil)
	if name := r.reader.Name(); name != r.stack.ReaderName() {
		t.Errorf("reader %q, want %q", name, r.stack.ReaderName())
	}
	if err := r.reader.Close(); err != nil {
		t.Fatal(err)
	}
	reader, err := eid.Open(eid.Config{Virtual: true, Readers: []string{"Another Reader"}})
	if !errors.Is(err, eid.ErrNoReader) || !strings.Contains(err.Error(), "Virtual PCD") {
		t.Errorf("%v, %v", reader, err)
	}
	if err := r.stack.KillDaemon(); err != nil {
		t.Fatal(err)
	}
	if reader, err := eid.Open(eid.Config{Virtual: true}); !errors.Is(err, eid.ErrNoReader) || !strings.Contains(err.Error(), "daemon") {
		t.Errorf("no daemon: %v, %v", reader, err)
	}
}

// TestEvents has 40 cards come and go, and one that is there at the start.
func TestEvents(t *testing.T) {
	r := newRig(t, nil)
	plastic := newCard(keyP256())
	for range 40 {
		r.insert(plastic)
		r.remove()
	}
	if err := r.stack.Insert(plastic); err != nil {
		t.Fatal(err)
	}
	r.next(eid.Inserted)
	if err := r.reader.Close(); err != nil {
		t.Fatal(err)
	}
	r.open(nil)
	card := use(t, r.next(eid.Inserted).Token, profile(t, "piv"))
	showsLeaf(t, card, issued(keyP256()))
}

// TestDaemonDies kills pcscd with a card in use, three times.
func TestDaemonDies(t *testing.T) {
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		for range 3 {
			card := use(t, r.insert(newCard(keyP256())), p)
			if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
				t.Fatal(err)
			}
			if err := r.stack.KillDaemon(); err != nil {
				t.Fatal(err)
			}
			if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrGone) {
				t.Errorf("signing: %v", err)
			}
			r.next(eid.Removed)
			if e := r.next(eid.Lost); !errors.Is(e.Err, eid.ErrNoReader) {
				t.Errorf("lost: %v", e.Err)
			}
			if err := card.Close(); err != nil {
				t.Errorf("closing: %v", err)
			}
			if err := r.stack.RestartDaemon(); err != nil {
				t.Fatal(err)
			}
			r.next(eid.Restored)
			goesOn(t, r, p)
		}
	})
}

// TestReaderVanishes has a daemon that runs on without the reader, as it does when
// the reader's cable is pulled out, and then with it again.
func TestReaderVanishes(t *testing.T) {
	dir := t.TempDir()
	stack, err := eidtest.NewStack(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer stack.Stop()
	r := &rig{t: t, stack: stack}
	r.open(nil)
	p := profile(t, "piv")
	card := use(t, r.insert(newCard(keyP256())), p)
	conf, away := filepath.Join(dir, "conf", "vpcd"), filepath.Join(dir, "vpcd")
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
		if err := stack.RestartDaemon(); err != nil {
			t.Fatal(err)
		}
	}
	move(conf, away)
	r.next(eid.Removed)
	r.next(eid.Lost)
	if _, err := card.Certificates(); !errors.Is(err, eid.ErrGone) {
		t.Errorf("the card of a reader that has vanished: %v", err)
	}
	if _, err := eid.Open(eid.Config{Virtual: true}); !errors.Is(err, eid.ErrNoReader) {
		t.Errorf("a second look: %v", err)
	}
	move(away, conf)
	r.next(eid.Restored)
	if err := card.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	goesOn(t, r, p)
}

// TestSilentCard has a card that does not answer: the reader counts as lost, and is
// back when the card has answered after all.
func TestSilentCard(t *testing.T) {
	r := newRig(t, func(c *eid.Config) { c.Timeout = 2 * time.Second })
	for _, name := range []string{"piv", "opensc"} {
		p := profile(t, name)
		plastic := newCard(keyP256())
		token := r.insert(plastic)
		card := use(t, token, p)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		answer := make(chan struct{})
		plastic.Hook(func(command []byte) ([]byte, bool) {
			if command[1] == 0x87 {
				<-answer
			}
			return nil, false
		})
		if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrGone) {
			t.Errorf("%s: a card that does not answer: %v", name, err)
		}
		r.next(eid.Removed)
		r.next(eid.Lost)
		for step, f := range everyStep(card, pin(t, p, rightPIN)) {
			if err := f(); !errors.Is(err, eid.ErrGone) {
				t.Errorf("%s: %s afterwards: %v", name, step, err)
			}
		}
		if _, err := token.Use(p); err == nil {
			t.Errorf("%s: in use again while a step hangs", name)
		}
		if err := card.Close(); err != nil {
			t.Errorf("%s: closing: %v", name, err)
		}
		plastic.Hook(nil)
		close(answer)
		r.next(eid.Restored)
		again := use(t, r.next(eid.Inserted).Token, p)
		if !again.NeedsPIN() {
			t.Errorf("%s: the PIN outlived the step that hung", name)
		}
		again.Close()
		r.remove()
	}
}

// TestNobodyElse tries to reach the card beside the driver, as another program could.
// OpenSC lets nobody in only with the configuration that is here for stations.
func TestNobodyElse(t *testing.T) {
	t.Setenv("OPENSC_CONF", must(filepath.Abs("opensc.conf")))
	eachDriver(t, func(t *testing.T, r *rig, p *eid.Profile) {
		token := r.insert(newCard(keyP256()))
		context := must(scard.EstablishContext())
		defer context.Release()
		other, err := context.Connect(r.reader.Name(), scard.ShareShared, scard.ProtocolAny)
		if err != nil {
			t.Fatal(err)
		}
		if card, err := token.Use(p); err == nil || errors.Is(err, eid.ErrGone) {
			t.Errorf("a card that another program holds: %v, %v", card, err)
		}
		if err := other.Disconnect(scard.LeaveCard); err != nil {
			t.Fatal(err)
		}
		card := use(t, token, p)
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		if _, err := context.Connect(r.reader.Name(), scard.ShareShared, scard.ProtocolAny); !errors.Is(err, scard.ErrSharingViolation) {
			t.Errorf("another program reaches the card between PIN and signature: %v", err)
		}
		signs(t, card, []byte("message"))
		if err := card.Close(); err != nil {
			t.Fatal(err)
		}
		forgotten(t, context, r.reader.Name())
		r.remove()
	})
}

// forgotten asks the card itself, as another program, whether the PIN is verified.
func forgotten(t *testing.T, context *scard.Context, reader string) {
	t.Helper()
	other, err := context.Connect(reader, scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Disconnect(scard.LeaveCard)
	if _, err := other.Transmit([]byte{0, 0xA4, 4, 0, 9, 0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if answer, err := other.Transmit([]byte{0, 0x20, 0, 0x80}); err != nil || len(answer) != 2 || answer[0] != 0x63 {
		t.Errorf("the PIN is still verified after Close: %x, %v", answer, err)
	}
}

// TestModuleWritesNothing has a module read a card, in a home of its own: nothing of the
// card may be on the disk then. Debian's configuration and the station's are tried.
func TestModuleWritesNothing(t *testing.T) {
	for _, conf := range []string{"/etc/opensc/opensc.conf", must(filepath.Abs("opensc.conf"))} {
		home := t.TempDir()
		for _, name := range []string{"HOME", "XDG_CACHE_HOME"} {
			t.Setenv(name, home)
		}
		t.Setenv("OPENSC_CONF", conf)
		t.Run(filepath.Dir(conf), func(t *testing.T) {
			r := newRig(t, nil)
			goesOn(t, r, profile(t, "opensc"))
		})
		files, err := os.ReadDir(home)
		if err != nil || len(files) > 0 {
			t.Errorf("%s: %v, %v", conf, files, err)
		}
	}
}

// TestNothingLeftBehind opens and closes in every situation.
func TestNothingLeftBehind(t *testing.T) {
	stack := eidtest.StartStack(t)
	before := runtime.NumGoroutine()
	open := func() *eid.Reader {
		t.Helper()
		reader, err := eid.Open(eid.Config{Virtual: true})
		if err != nil {
			t.Fatal(err)
		}
		return reader
	}
	closes := func(name string, reader *eid.Reader) {
		t.Helper()
		done := make(chan error, 1)
		go func() { done <- reader.Close() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: closing: %v", name, err)
			}
		case <-time.After(patience):
			t.Fatalf("%s: closing does not end", name)
		}
		for range reader.Events() { // is closed, after what nobody has read
		}
		if err := reader.Close(); err != nil {
			t.Errorf("%s: closing twice: %v", name, err)
		}
	}
	for range 20 {
		closes("at once", open())
	}
	waits := open()
	plastic := newCard(keyP256())
	if err := stack.Insert(plastic); err != nil {
		t.Fatal(err)
	}
	token := (<-waits.Events()).Token
	card, err := token.Use(profile(t, "piv"))
	if err != nil {
		t.Fatal(err)
	}
	closes("with a card in use", waits)
	if _, err := card.Sign(nil); err == nil {
		t.Error("a card of a closed reader signs")
	}
	if _, err := token.Use(profile(t, "piv")); !errors.Is(err, eid.ErrGone) {
		t.Errorf("a token of a closed reader: %v", err)
	}
	unread := open()
	for range 30 { // more events than the channel holds
		if err := stack.Remove(); err != nil {
			t.Fatal(err)
		}
		if err := stack.Insert(plastic); err != nil {
			t.Fatal(err)
		}
	}
	closes("with events that nobody reads", unread)
	lost := open()
	<-lost.Events()
	if err := stack.KillDaemon(); err != nil {
		t.Fatal(err)
	}
	<-lost.Events()
	<-lost.Events()
	closes("without a daemon", lost)
	until := time.Now().Add(patience)
	for runtime.NumGoroutine() > before {
		if time.Now().After(until) {
			b := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before %d\n%s", runtime.NumGoroutine(), before, b[:runtime.Stack(b, true)])
		}
		runtime.Gosched()
	}
}

func TestWrongModules(t *testing.T) {
	r := newRig(t, nil)
	token := r.insert(newCard(keyP256()))
	junk := filepath.Join(t.TempDir(), "junk.so")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, module := range map[string]string{
		"not there": "/nowhere/module.so", "not a library": junk, "another library": "/lib/x86_64-linux-gnu/libc.so.6",
	} {
		p := profile(t, "opensc")
		p.Module = module
		if card, err := token.Use(p); err == nil || errors.Is(err, eid.ErrNoKey) || errors.Is(err, eid.ErrGone) {
			t.Errorf("%s: %v, %v", name, card, err)
		}
	}
	goodAgain := use(t, token, profile(t, "opensc"))
	showsLeaf(t, goodAgain, issued(keyP256()))
}

// TestAlwaysAuthenticate has a key that wants the PIN before each signature where the
// profile thinks that once is enough: the card is right.
func TestAlwaysAuthenticate(t *testing.T) {
	soft := newSoftToken(t)
	r := newRig(t, nil)
	p := profile(t, "opensc")
	p.Module, p.Key = softModule, soft.id("softhsm-always", "rsa")
	card := use(t, r.insert(newCard(keyP256())), p)
	for range 2 {
		if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
			t.Fatal(err)
		}
		signs(t, card, []byte("message"))
		if _, err := card.Sign([]byte("message")); !errors.Is(err, eid.ErrPINNeeded) || !card.NeedsPIN() {
			t.Errorf("a second signature with one PIN: %v", err)
		}
	}
}

// TestModuleWithoutDigest signs with a module that has only the bare RSA operation.
func TestModuleWithoutDigest(t *testing.T) {
	soft := newSoftToken(t)
	r := newRig(t, nil)
	p := profile(t, "opensc")
	p.Module, p.Key = softModule, soft.id("softhsm", "rsa")
	card := use(t, r.insert(newCard(keyP256())), p)
	if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
		t.Fatal(err)
	}
	card.WithoutDigest()
	signs(t, card, []byte("message"))
}

// TestTokenLeaves has a token that stays when the card leaves the reader: what was begun
// does not go on.
func TestTokenLeaves(t *testing.T) {
	soft := newSoftToken(t)
	r := newRig(t, nil)
	p := profile(t, "opensc")
	p.Module, p.Key = softModule, soft.id("softhsm", "rsa")
	card := use(t, r.insert(newCard(keyP256())), p)
	if err := card.EnterPIN(pin(t, p, rightPIN)); err != nil {
		t.Fatal(err)
	}
	r.remove()
	r.insert(newCard(keyP384()))
	for name, step := range everyStep(card, pin(t, p, rightPIN)) {
		if err := step(); !errors.Is(err, eid.ErrGone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

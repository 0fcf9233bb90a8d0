package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
)

func TestMark(t *testing.T) {
	for kind, want := range map[string]string{
		"unheard-of": "UNHEARD OF: ", // fails closed: whatever is not live is marked
		"rehearsal":  "REHEARSAL: ",
		"test-deck":  "TEST DECK: ",
		"live":       "",
		"":           "",
	} {
		if got := Mark(kind); got != want {
			t.Errorf("Mark(%q) = %q, want %q", kind, got, want)
		}
	}
}

func TestVoiceMarksEveryLine(t *testing.T) {
	var b bytes.Buffer
	v := NewVoice(&b, "rehearsal")
	v.Say("trustee: %s", "Kim\x1b[2J\ntrustee: nobody\r")
	want := "REHEARSAL: trustee: Kim\uFFFD[2J\nREHEARSAL: trustee: nobody\uFFFD\n"
	if b.String() != want {
		t.Errorf("said %q, want %q", b.String(), want)
	}
}

func TestAboutMarksErrorAndHint(t *testing.T) {
	cause := errors.New("one\ntwo")
	err := About("rehearsal", About("rehearsal", Bad(cause, "first\nsecond")))
	var b bytes.Buffer
	root := Command("say", "1", "Usage:\n    say")
	root.RunE = func(*cobra.Command, []string) error { return fmt.Errorf("above: %w", err) }
	if status := Run(root, nil, nil, &b, &b); status != ExitBad {
		t.Errorf("exit status %d, want %d", status, ExitBad)
	}
	want := "say: error: above: REHEARSAL: one\nREHEARSAL: two\nsay: hint: REHEARSAL: first\nREHEARSAL: second\n"
	if b.String() != want {
		t.Errorf("wrote %q, want %q", b.String(), want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if About("live", cause) != cause || About("rehearsal", nil) != nil {
		t.Error("a live election's error, or none, was marked")
	}
}

func TestKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phrase")
	if err := os.WriteFile(path, []byte("too short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	k := &Keyring{file: path}
	if _, err := k.Ask("the passphrase of x", false); err == nil || err.Error() != "choosing the passphrase of x: shorter than 12 characters" {
		t.Errorf("a short new passphrase: %v", err)
	}
	s, err := k.Ask("the passphrase of x", true)
	if err != nil || s.Export() != "too short" {
		t.Errorf("an old passphrase: %q, %v", s.Export(), err)
	}
	k.file = filepath.Join(t.TempDir(), "none")
	if _, err := k.Ask("the passphrase of x", true); Status(err) != ExitUsage {
		t.Errorf("no file: %v", err)
	}
}

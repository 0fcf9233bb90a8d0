package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// MinPassphrase is the fewest characters of a new passphrase.
const MinPassphrase = 12

const maxPassphrase = 1024 // bytes

// A SecretPassphrase cannot be printed. The zero value is an empty passphrase.
type SecretPassphrase struct {
	open func() string // a closure: fmt never looks into a func
}

// Export returns the passphrase, for the key derivation and nothing else.
func (s SecretPassphrase) Export() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}

// Format writes what it is, not what it says.
func (SecretPassphrase) Format(f fmt.State, _ rune) {
	io.WriteString(f, "terminal.SecretPassphrase(redacted)")
}

// LogValue is redacted.
func (SecretPassphrase) LogValue() slog.Value { return slog.StringValue("redacted") }

// MarshalJSON refuses.
func (SecretPassphrase) MarshalJSON() ([]byte, error) {
	return nil, errors.New("terminal: secret passphrase in JSON")
}

func secret(b []byte) SecretPassphrase {
	s := string(b)
	clear(b)
	return SecretPassphrase{func() string { return s }}
}

// PassphraseHelp is the help of a flag whose value goes to OpenPassphrases.
const PassphraseHelp = "read passphrases from `fd:N` or file:PATH, one a line, instead of asking on the terminal"

// Passphrases is where passphrases come from.
type Passphrases struct {
	in      io.Reader // one byte at a time: what follows the line is for the next question
	out     io.Writer // questions; nil if there is nobody to ask
	close   func() error
	private func() ([]byte, error) // reads a line without echo
}

// OpenPassphrases opens a source of passphrases: "" is the person at the
// terminal, "fd:3" an open file descriptor, "file:PATH" a file or pipe. The last
// two are for tests and rehearsals, and hold one passphrase a line.
func OpenPassphrases(from string) (*Passphrases, error) {
	path, isFile := strings.CutPrefix(from, "file:")
	number, isFD := strings.CutPrefix(from, "fd:")
	switch {
	case from == "":
		return openTerminal()
	case isFile:
		f, err := os.Open(path)
		if err != nil {
			return nil, Unusable(fmt.Errorf("opening the passphrases: %w", err), "")
		}
		return &Passphrases{in: f, close: f.Close}, nil
	case isFD:
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return nil, Unusable(fmt.Errorf("opening the passphrases: %q is no file descriptor", number), "")
		}
		f := os.NewFile(uintptr(n), from)
		return &Passphrases{in: f, close: f.Close}, nil
	}
	return nil, Unusable(fmt.Errorf("opening the passphrases: %q is neither fd:N nor file:PATH", from), "")
}

// openTerminal opens the terminal itself, not standard input: that may be a
// file.
func openTerminal() (*Passphrases, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, Unusable(errors.New("there is no terminal to ask for a passphrase"), "run the program in a terminal")
	}
	return onTerminal(tty), nil
}

func onTerminal(tty *os.File) *Passphrases {
	return &Passphrases{
		in: tty, out: tty, close: tty.Close,
		private: func() ([]byte, error) { return term.ReadPassword(int(tty.Fd())) },
	}
}

// Close closes the source.
func (p *Passphrases) Close() error { return p.close() }

// Ask asks for an existing passphrase; what names it: "the passphrase of
// trustee 2".
func (p *Passphrases) Ask(what string) (SecretPassphrase, error) {
	b, err := p.read("Enter " + what + ": ")
	if err != nil {
		return SecretPassphrase{}, err
	}
	if len(b) == 0 {
		return SecretPassphrase{}, Unusable(fmt.Errorf("reading %s: it is empty", what), "")
	}
	return secret(b), nil
}

// Create asks for a new passphrase, a person twice. It refuses one shorter than
// MinPassphrase characters.
func (p *Passphrases) Create(what string) (SecretPassphrase, error) {
	b, err := p.read("Choose " + what + ": ")
	if err != nil {
		return SecretPassphrase{}, err
	}
	if !utf8.Valid(b) || utf8.RuneCount(b) < MinPassphrase {
		return SecretPassphrase{}, Unusable(fmt.Errorf("choosing %s: shorter than %d characters", what, MinPassphrase),
			"five or six words drawn by dice are easy to keep in mind and hard to guess")
	}
	if p.out == nil {
		return secret(b), nil
	}
	again, err := p.read("The same once more: ")
	if err != nil {
		return SecretPassphrase{}, err
	}
	if !bytes.Equal(b, again) {
		return SecretPassphrase{}, Unusable(fmt.Errorf("choosing %s: the two differ", what), "")
	}
	clear(again)
	return secret(b), nil
}

func (p *Passphrases) read(question string) ([]byte, error) {
	if p.out == nil {
		return readLine(p.in)
	}
	io.WriteString(p.out, question)
	b, err := p.private()
	io.WriteString(p.out, "\n")
	if err != nil {
		return nil, Unusable(fmt.Errorf("reading a passphrase from the terminal: %w", err), "")
	}
	if len(b) > maxPassphrase {
		return nil, Unusable(fmt.Errorf("reading a passphrase: more than %d bytes", maxPassphrase), "")
	}
	return b, nil
}

// readLine reads to the end of the line and not a byte further.
func readLine(r io.Reader) ([]byte, error) {
	var line []byte
	one := make([]byte, 1)
	for {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			return bytes.TrimSuffix(line, []byte("\r")), nil
		}
		line = append(line, one[:n]...)
		if len(line) > maxPassphrase {
			return nil, Unusable(fmt.Errorf("reading a passphrase: more than %d bytes in a line", maxPassphrase), "")
		}
		if err == io.EOF && len(line) > 0 {
			return line, nil
		}
		if err == io.EOF {
			return nil, Unusable(errors.New("reading a passphrase: no more lines"), "")
		}
		if err != nil {
			return nil, Unusable(fmt.Errorf("reading a passphrase: %w", err), "")
		}
	}
}

package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"unicode/utf8"

	"golang.org/x/term"
)

// minPassphrase is the fewest characters of a new passphrase.
const minPassphrase = 12

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

// passphrases is where passphrases come from.
type passphrases struct {
	in      io.Reader // one byte at a time: what follows the line is for the next question
	out     io.Writer // questions; nil if there is nobody to ask
	close   func() error
	private func() ([]byte, error) // reads a line without echo
}

// openPassphrases opens a file or pipe with one passphrase a line, or, if none is
// named, the terminal.
func openPassphrases(file string) (*passphrases, error) {
	if file == "" {
		return openTerminal()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, Unusable(fmt.Errorf("opening the passphrases: %w", err), "")
	}
	return &passphrases{in: f, close: f.Close}, nil
}

// openTerminal opens the terminal itself, not standard input: that may be a
// file.
func openTerminal() (*passphrases, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, Unusable(errors.New("there is no terminal to ask for a passphrase"), "run the program in a terminal")
	}
	return onTerminal(tty), nil
}

func onTerminal(tty *os.File) *passphrases {
	return &passphrases{
		in: tty, out: tty, close: tty.Close,
		private: func() ([]byte, error) { return term.ReadPassword(int(tty.Fd())) },
	}
}

// ask asks for an existing passphrase; what names it: "the passphrase of
// trustee 2".
func (p *passphrases) ask(what string) (SecretPassphrase, error) {
	b, err := p.read("Enter " + what + ": ")
	if err != nil {
		return SecretPassphrase{}, err
	}
	if len(b) == 0 {
		return SecretPassphrase{}, Unusable(fmt.Errorf("reading %s: it is empty", what), "")
	}
	return secret(b), nil
}

// create asks for a new passphrase, a person twice. It refuses one shorter than
// minPassphrase characters.
func (p *passphrases) create(what string) (SecretPassphrase, error) {
	b, err := p.read("Choose " + what + ": ")
	if err != nil {
		return SecretPassphrase{}, err
	}
	if !utf8.Valid(b) || utf8.RuneCount(b) < minPassphrase {
		return SecretPassphrase{}, Unusable(fmt.Errorf("choosing %s: shorter than %d characters", what, minPassphrase),
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

func (p *passphrases) read(question string) ([]byte, error) {
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

package decryption

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

// ErrAnswered is returned to a trustee that is asked a second, different
// question about one election. The program says why it refuses.
var ErrAnswered = errors.New("this trustee has answered another request of this election before")

// memory names the file in a trustee's private folder that holds the hash of
// the request it answered.
func memory(dir string, election record.Hash) string {
	return filepath.Join(dir, "answered-"+election.String())
}

// Answered returns the hash of the request that this trustee has answered for
// an election, or nil.
func Answered(dir string, election record.Hash) (*record.Hash, error) {
	b, err := durable.ReadFile(memory(dir, election), 65)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading which request was answered: %w", err)
	}
	text, whole := strings.CutSuffix(string(b), "\n")
	h, err := record.ParseHash(text)
	if err != nil || !whole {
		return nil, errors.New("reading which request was answered: not a hash")
	}
	return &h, nil
}

// Remember keeps the hash of the request in the trustee's private folder. It
// returns ErrAnswered when there is another one. It is called before the answer
// is published: a power cut between the two loses an answer that can be made
// again; the other order would lose the memory of an answer that is out.
func Remember(dir string, election, request record.Hash) error {
	err := durable.WriteFile(memory(dir, election), []byte(request.String()+"\n"), 0o600)
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("remembering the request: %w", err)
	}
	there, err := Answered(dir, election)
	if err != nil {
		return err
	}
	if there == nil || *there != request {
		return ErrAnswered
	}
	return nil
}

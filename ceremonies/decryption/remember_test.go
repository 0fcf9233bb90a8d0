package decryption_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/record"
)

func TestATrusteeRemembersOneRequest(t *testing.T) {
	dir, election := t.TempDir(), record.Hash{1}
	if h, err := decryption.Answered(dir, election); h != nil || err != nil {
		t.Errorf("before the first: %v, %v", h, err)
	}
	must(0, decryption.Remember(dir, election, record.Hash{2}))
	must(0, decryption.Remember(dir, election, record.Hash{2})) // after an interruption
	if err := decryption.Remember(dir, election, record.Hash{3}); !errors.Is(err, decryption.ErrAnswered) {
		t.Errorf("another request: %v", err)
	}
	must(0, decryption.Remember(dir, record.Hash{9}, record.Hash{3})) // another election
	if h := must(decryption.Answered(dir, election)); h == nil || *h != (record.Hash{2}) {
		t.Errorf("remembers %v", h)
	}
}

// Of many programs that are asked different things at the same time, one may
// publish.
func TestOnlyOneOfManyRequestsIsRemembered(t *testing.T) {
	for round := range 20 {
		dir := t.TempDir()
		var wg sync.WaitGroup
		var won atomic.Int32
		for i := range 8 {
			wg.Go(func() {
				err := decryption.Remember(dir, record.Hash{1}, record.Hash{byte(i), 7})
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, decryption.ErrAnswered) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("round %d: %d requests were remembered", round, won.Load())
		}
	}
}

// A memory that cannot be read is not an empty memory.
func TestABrokenMemoryRefuses(t *testing.T) {
	election := record.Hash{1}
	for name, content := range map[string]string{
		"empty":           "",
		"not a hash":      "none\n",
		"no line":         strings.Repeat("0", 64),
		"upper case":      strings.Repeat("A", 64) + "\n",
		"two lines":       strings.Repeat("0", 64) + "\n\n",
		"a longer file":   strings.Repeat("0", 1000),
		"something ahead": " " + strings.Repeat("0", 64) + "\n",
	} {
		dir := t.TempDir()
		must(0, os.WriteFile(filepath.Join(dir, "answered-"+election.String()), []byte(content), 0o600))
		if h, err := decryption.Answered(dir, election); err == nil || h != nil || !strings.HasPrefix(err.Error(), "reading which request was answered: ") {
			t.Errorf("%s: %v, %v", name, h, err)
		}
		if err := decryption.Remember(dir, election, record.Hash{}); err == nil {
			t.Errorf("%s: remembered", name)
		}
	}
	if err := decryption.Remember(filepath.Join(t.TempDir(), "none"), election, record.Hash{}); err == nil || !strings.HasPrefix(err.Error(), "remembering the request: ") {
		t.Errorf("no folder: %v", err)
	}
}

func FuzzAnswered(f *testing.F) {
	f.Add([]byte(strings.Repeat("0", 64) + "\n"))
	f.Add([]byte(hex.EncodeToString(make([]byte, 32))))
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		must(0, os.WriteFile(filepath.Join(dir, "answered-"+record.Hash{}.String()), b, 0o600))
		h, err := decryption.Answered(dir, record.Hash{})
		if err == nil && !bytes.Equal(fmt.Appendf(nil, "%v\n", h), b) {
			t.Errorf("%q is read as %v", b, h)
		}
	})
}

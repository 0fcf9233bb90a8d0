package office

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/record"
)

var (
	// ErrAnswered is returned for a right answer of a trustee of whom there is one
	// already. The operator is told so; nothing has changed.
	ErrAnswered = errors.New("a right answer of this trustee was accepted before")

	// ErrDecided is returned for an answer that comes when the result is signed:
	// the result names whose answers it was made of.
	ErrDecided = errors.New("the result is signed already; no answer can be added")
)

// Accept checks a trustee's answer and takes it into the record. A wrong one is
// refused with the trustee's name, and the others' answers still serve. The
// trustee's number is 0 where the answer does not say.
func (o *Office) Accept(answer []byte) (trustee int, err error) {
	unlock, err := o.lock(alone)
	if err != nil {
		return 0, err
	}
	defer unlock()
	d, err := record.ParseSigned[record.Decryption](answer)
	if err != nil {
		return 0, err
	}
	a, hash, err := o.request()
	if err != nil {
		return 0, err
	}
	i := d.Body.Trustee
	if err := record.CheckDecryption(o.e, a, hash, i, d); err != nil {
		return i, fmt.Errorf("the answer of %s is refused: %w", o.name(i), err)
	}
	switch {
	case o.has(record.DecryptionFile(i)):
		// It need not be the same: its proof is drawn afresh whenever it is made.
		return i, fmt.Errorf("%s: %w", o.name(i), ErrAnswered)
	case o.has(record.ResultFile):
		return i, fmt.Errorf("%s: %w", o.name(i), ErrDecided)
	}
	if err := durable.WriteFile(o.path(record.DecryptionFile(i)), answer, 0o644); err != nil {
		return i, fmt.Errorf("keeping the answer of %s: %w", o.name(i), err)
	}
	return i, nil
}

// name names a trustee, if there is one of that number.
func (o *Office) name(i int) string {
	if i < 1 || i > len(o.e.Manifest.Trustees) {
		return fmt.Sprintf("trustee %d", i)
	}
	return fmt.Sprintf("trustee %d (%s)", i, o.e.Manifest.Trustees[i-1].Name)
}

// answers reads the accepted answers, without checking them again.
func (o *Office) answers() ([]*record.Signed[record.Decryption], error) {
	var all []*record.Signed[record.Decryption]
	for i := range o.e.Manifest.Trustees {
		d, err := record.ReadSigned[record.Decryption](o.FS(), record.DecryptionFile(i+1))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if d.Body.Trustee != i+1 {
			return nil, fmt.Errorf("%s: is trustee %d's", record.DecryptionFile(i+1), d.Body.Trustee)
		}
		all = append(all, d)
	}
	return all, nil
}

// checkedAnswers reads the accepted answers and checks each again.
func (o *Office) checkedAnswers(a *record.Aggregates, hash record.Hash) ([]*record.Decryption, error) {
	signed, err := o.answers()
	if err != nil {
		return nil, err
	}
	var all []*record.Decryption
	for _, d := range signed {
		if err := record.CheckDecryption(o.e, a, hash, d.Body.Trustee, d); err != nil {
			return nil, err
		}
		all = append(all, &d.Body)
	}
	return all, nil
}

package office_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally"
	"github.com/openreferendum/referendum/tally/office"
)

// change decodes trustee 2's answer, changes it, signs it again as trustee 2,
// and encodes it.
func (r *room) change(t testing.TB, change func(d *record.Decryption)) []byte {
	t.Helper()
	d, err := record.ParseSigned[record.Decryption](r.answers[2])
	if err != nil {
		t.Fatal(err)
	}
	change(&d.Body)
	d.Signatures = nil
	if err := d.Sign(record.SignerTrustee(2), r.Trustees[1].SigningKey()); err != nil {
		t.Fatal(err)
	}
	b, err := record.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAcceptRefuses(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	o, err := r.countBundles(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		answer  []byte
		trustee int
		want    string
	}{
		{"nothing", nil, 0, "decryption: json: ends in the middle"},
		{"trailing bytes", append(bytes.Clone(r.answers[2]), '\n'), 0, "decryption: json: not the canonical encoding"},
		{"trustee 0", r.change(t, func(d *record.Decryption) { d.Trustee = 0 }), 0, "decryption: "},
		{"trustee -1", r.change(t, func(d *record.Decryption) { d.Trustee = -1 }), 0, "decryption: "},
		{"trustee 4 of 3", r.change(t, func(d *record.Decryption) { d.Trustee = 4 }), 4, "the answer of trustee 4 is refused: decryption of trustee 4: the manifest has no such trustee"},
		{"another's number", r.change(t, func(d *record.Decryption) { d.Trustee = 1 }), 1, "the answer of trustee 1 (Trustee 1) is refused: decryption of trustee 1:"},
		{"another election", r.change(t, func(d *record.Decryption) { d.Election[0] ^= 1 }), 2, "the answer of trustee 2 (Trustee 2) is refused: decryption of trustee 2: of another election"},
		{"another request", r.change(t, func(d *record.Decryption) { d.Aggregates[0] ^= 1 }), 2, "answers other aggregates"},
		{"an answer less", r.change(t, func(d *record.Decryption) { d.Answers = d.Answers[:len(d.Answers)-1] }), 2, "answers to 2 aggregates"},
		{"a question less", r.change(t, func(d *record.Decryption) { d.Answers[0].Partials = d.Answers[0].Partials[1:] }), 2, "answers to 1 questions instead of 2"},
		{"swapped partial decryptions", r.change(t, func(d *record.Decryption) {
			p := d.Answers[0].Partials[0]
			p[0], p[1] = p[1], p[0]
		}), 2, `aggregate "a-1": the proof of the partial decryption does not hold`},
	} {
		i, err := o.Accept(c.answer)
		if err == nil || !strings.Contains(err.Error(), c.want) || i != c.trustee {
			t.Errorf("%s: trustee %d, error %v, want %d, %q", c.name, i, err, c.trustee, c.want)
		}
	}
	if _, empty := contents(o.FS())["decryption/"]; !empty {
		t.Error("something was taken")
	}
	// The others' answers still serve.
	for _, i := range []int{1, 3} {
		if got, err := o.Accept(r.answers[i]); err != nil || got != i {
			t.Errorf("trustee %d: %d, %v", i, got, err)
		}
	}
	if _, err := o.Publish(r.Authority.Signer()); err != nil {
		t.Fatal(err)
	}
	if d := difference(contents(o.FS()), r.record); d != "" {
		t.Error(d)
	}
}

func TestAcceptTwice(t *testing.T) {
	r := aRoom(t)
	dir := r.furnish(t)
	o, err := r.countBundles(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accept(r.answers[1]); err != nil {
		t.Fatal(err)
	}
	again, err := r.Answer(o.FS(), 1, "again")
	if err != nil || bytes.Equal(again, r.answers[1]) {
		t.Fatalf("the second answer is the same, or %v", err)
	}
	before := contents(o.FS())
	for _, b := range [][]byte{r.answers[1], again} {
		if i, err := o.Accept(b); !errors.Is(err, office.ErrAnswered) || i != 1 {
			t.Errorf("trustee %d, %v", i, err)
		}
	}
	if _, err := o.Publish(r.Authority.Signer()); !errors.Is(err, tally.ErrTooFew) {
		t.Errorf("published with one trustee: %v", err)
	}
	if d := difference(contents(o.FS()), before); d != "" {
		t.Error(d)
	}
}

// TestAcceptAfterResult: also between result and inventory, no answer comes in
// that the result does not name.
func TestAcceptAfterResult(t *testing.T) {
	r := aRoom(t)
	order := r.inOrder()
	for _, written := range [][]string{order, order[:len(order)-1]} {
		dir := r.furnish(t)
		r.writeUpTo(t, filepath.Join(dir, "record"), written)
		o, err := office.Open(filepath.Join(dir, "record"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Accept(r.answers[2]); !errors.Is(err, office.ErrDecided) {
			t.Errorf("accepted: %v", err)
		}
		if _, err := o.Publish(r.Authority.Signer()); err != nil {
			t.Fatal(err)
		}
		if d := difference(contents(os.DirFS(filepath.Join(dir, "record"))), r.record); d != "" {
			t.Error(d)
		}
	}
}

// FuzzAccept: nothing but a right answer is taken, and nothing panics.
func FuzzAccept(f *testing.F) {
	r := aRoom(f)
	for _, b := range r.answers {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Add(r.change(f, func(d *record.Decryption) { d.Trustee = 32 }))
	f.Add([]byte("{}\n"))
	dir := r.furnish(f)
	o, err := r.countBundles(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := o.Accept(b)
		if err != nil && !errors.Is(err, office.ErrAnswered) {
			return
		}
		d, err := record.ParseSigned[record.Decryption](b)
		if err != nil || d.Body.Trustee != i || d.Check(record.SignerTrustee(i), o.Election().Manifest.Trustees[i-1].SigningKey) != nil {
			t.Errorf("accepted, of trustee %d: %q", i, b)
		}
	})
}

package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func sprint(errs []error) string { return fmt.Sprint(errs) }

func TestCheckDecryptionRefuses(t *testing.T) {
	w := theWorld()
	a, file := w.aggregates()
	hash := record.FileHash(file)
	good := w.answer(2, &a.Body, file)
	if err := record.CheckDecryption(w.election, &a.Body, hash, 2, good); err != nil {
		t.Fatal(err)
	}
	type D = record.Decryption
	other := w.answer(1, &a.Body, file).Body
	for _, tt := range []struct {
		name   string
		change func(*D)
		err    string
	}{
		{"other election", func(d *D) { d.Election[0] ^= 1 }, "of another election"},
		{"other trustee's", func(d *D) { d.Trustee = 1 }, "is trustee 1's"},
		{"other aggregates", func(d *D) { d.Aggregates[0] ^= 1 }, "answers other aggregates"},
		{"an answer left out", func(d *D) { d.Answers = d.Answers[:1] }, "1 answers to 2 aggregates"},
		{"an answer twice", func(d *D) { d.Answers = append(d.Answers, d.Answers[0]) }, "3 answers to 2 aggregates"},
		{"answers exchanged", func(d *D) { d.Answers[0], d.Answers[1] = d.Answers[1], d.Answers[0] }, `answer to "b-1" where "a-1" is due`},
		{"answers under exchanged names", func(d *D) {
			d.Answers[0], d.Answers[1] = d.Answers[1], d.Answers[0]
			d.Answers[0].Aggregate, d.Answers[1].Aggregate = "a-1", "b-1"
		}, `aggregate "a-1": the proof of the partial decryption does not hold`},
		{"a question left out", func(d *D) { d.Answers[1].Partials = d.Answers[1].Partials[:1] }, `aggregate "b-1": answers to 1 questions instead of 2`},
		{"an option left out", func(d *D) { d.Answers[1].Partials[0] = d.Answers[1].Partials[0][:2] }, `aggregate "b-1": 2 answers to question 1 instead of 3`},
		{"a partial wrong by one vote", func(d *D) {
			m := &d.Answers[1].Partials[0][0]
			*m = m.Add(group.Generator())
		}, `aggregate "b-1": the proof of the partial decryption does not hold`},
		{"two partials exchanged", func(d *D) { p := d.Answers[0].Partials[0]; p[0], p[1] = p[1], p[0] }, `aggregate "a-1": the proof`},
		{"two errors that cancel", func(d *D) {
			p := d.Answers[0].Partials[0]
			p[0], p[1] = p[0].Add(group.Generator()), p[1].Sub(group.Generator())
		}, `aggregate "a-1": the proof`},
		{"other trustee's partials", func(d *D) { d.Answers = copied(other).Answers }, `aggregate "a-1": the proof`},
		{"other trustee's proof", func(d *D) { d.Answers[0].Proof = other.Answers[0].Proof }, `aggregate "a-1": the proof`},
		{"other aggregate's proof", func(d *D) { d.Answers[0].Proof = d.Answers[1].Proof }, `aggregate "a-1": the proof`},
		{"no proof", func(d *D) { d.Answers[1].Proof = group.Equality{} }, `aggregate "b-1": the proof`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := copied(good.Body)
			tt.change(&d)
			err := record.CheckDecryption(w.election, &a.Body, hash, 2, signDecryption(2, d))
			if err == nil || !strings.HasPrefix(err.Error(), "decryption of trustee 2: "+tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	for i, want := range map[int]string{0: "the manifest has no such trustee", 4: "the manifest has no such trustee", 1: `signature 1 is of "trustee-2" instead of "trustee-1"`} {
		err := record.CheckDecryption(w.election, &a.Body, hash, i, good)
		if err == nil || err.Error() != fmt.Sprintf("decryption of trustee %d: %s", i, want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	short := copied(good.Body)
	short.Answers = append(short.Answers, short.Answers...)
	if err := record.CheckProofs(w.election, &a.Body, 2, &short); err == nil || err.Error() != "decryption of trustee 2: 4 answers to 2 aggregates" {
		t.Errorf("error %v", err)
	}
}

func TestDecryptionRefuses(t *testing.T) {
	w := theWorld()
	a, file := w.aggregates()
	good := w.answer(2, &a.Body, file).Body
	type D = record.Decryption
	for _, tt := range []struct {
		name   string
		change func(*D)
		err    string
	}{
		{"trustee 0", func(d *D) { d.Trustee = 0 }, "trustee 0: numbers go from 1 to 32"},
		{"trustee 33", func(d *D) { d.Trustee = 33 }, "trustee 33: numbers go from 1 to 32"},
		{"no answers", func(d *D) { d.Answers = nil }, "0 answers"},
		{"no identifier", func(d *D) { d.Answers[0].Aggregate = "" }, `answer: "" is not an identifier`},
		{"no values", func(d *D) { d.Answers[0].Partials = nil }, `answer "a-1": no values`},
		{"a question without values", func(d *D) { d.Answers[0].Partials[1] = nil }, `answer "a-1": a question without values`},
		{"a missing value", func(d *D) { d.Answers[0].Partials[1][0] = group.Element{} }, `answer "a-1": missing value`},
	} {
		d := copied(good)
		tt.change(&d)
		if err := d.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

func TestOpen(t *testing.T) {
	w := theWorld()
	a, file := w.aggregates()
	d := func(trustees ...int) []*record.Decryption {
		var ds []*record.Decryption
		for _, i := range trustees {
			ds = append(ds, &w.answer(i, &a.Body, file).Body)
		}
		return ds
	}
	for _, trustees := range [][]int{{1, 2}, {1, 3}, {2, 3}, {3, 1}, {1, 2, 3}} {
		r, err := record.ComputeResult(w.election, &a.Body, d(trustees...))
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range []string{"[[2 1 1] [2 1]]", "[[2 1 0] [1 1]]"} {
			if got := r.Aggregates[k].Counts; fmt.Sprint(got) != want {
				t.Errorf("trustees %v: aggregate %d: %v, want %s", trustees, k+1, got, want)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*record.Aggregates)
		by     []int
		err    string
	}{
		{"one trustee", func(*record.Aggregates) {}, []int{2}, "answers of 1 trustees, needed are 2"},
		{"one trustee twice", func(*record.Aggregates) {}, []int{2, 2}, "combining answers: trustee 2 given twice or not a trustee"},
		{"a count above the ballots", func(a *record.Aggregates) {
			for range 3 {
				c := &a.Aggregates[0].Sums[0][0]
				c.Beta = c.Beta.Add(group.Generator())
			}
		}, []int{1, 2}, `aggregate "a-1", question 1, option 1: decrypts to no possible count`},
		{"a negative count", func(a *record.Aggregates) {
			c := &a.Aggregates[0].Sums[0][2]
			c.Beta = c.Beta.Sub(group.Generator()).Sub(group.Generator())
		}, []int{1, 2}, `aggregate "a-1", question 1, option 3: decrypts to no possible count`},
		{"more papers than ballots", func(a *record.Aggregates) {
			c := &a.Aggregates[0].Sums[0][2]
			c.Beta = c.Beta.Add(group.Generator())
		}, []int{1, 2}, `aggregate "a-1", question 1: decrypts to 5 papers on 4 ballots`},
	} {
		b := copied(a.Body)
		tt.change(&b)
		if _, err := record.ComputeResult(w.election, &b, d(tt.by...)); err == nil || err.Error() != tt.err {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
		}
	}
}

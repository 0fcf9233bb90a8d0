package record

import (
	"crypto/sha256"
	"fmt"

	"github.com/openreferendum/referendum/crypto/elgamal"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/threshold"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// A Decryption is one trustee's answer: for every aggregate its partial
// decryptions and one proof that they were made with its share.
type Decryption struct {
	Election   Hash            `json:"election"`
	Trustee    int             `json:"trustee"`
	Aggregates Hash            `json:"aggregates"` // SHA-256 of aggregates.json
	Answers    []PartialAnswer `json:"answers"`    // in the aggregates' order
}

// A PartialAnswer belongs to one aggregate.
type PartialAnswer struct {
	Aggregate string            `json:"aggregate"`
	Partials  [][]group.Element `json:"partials"` // M by question and option
	Proof     group.Equality    `json:"proof"`
}

func (Decryption) kind() string { return "decryption" }

// Validate refuses impossible trustees and empty lists.
func (d Decryption) Validate() error {
	if err := checkTrustee(d.Trustee); err != nil {
		return err
	}
	if len(d.Answers) == 0 || len(d.Answers) > maxStations {
		return fmt.Errorf("%d answers", len(d.Answers))
	}
	for _, a := range d.Answers {
		if err := checkIdentifier("answer", a.Aggregate); err != nil {
			return err
		}
		if len(a.Partials) == 0 {
			return fmt.Errorf("answer %q: no values", a.Aggregate)
		}
		for _, row := range a.Partials {
			if len(row) == 0 {
				return fmt.Errorf("answer %q: a question without values", a.Aggregate)
			}
			for _, m := range row {
				if m.IsZero() {
					return fmt.Errorf("answer %q: missing value", a.Aggregate)
				}
			}
		}
	}
	return nil
}

// FileHash is the SHA-256 of a file's bytes.
func FileHash(b []byte) Hash { return sha256.Sum256(b) }

// DecryptionTag is the domain separation tag of the equality proof of trustee i
// for one aggregate: docs/spec/crypto.md, Section 6.2.
func DecryptionTag(election Hash, trustee int, aggregate string) string {
	h := transcript.New("decryption").Bytes(election[:]).Uint(uint64(trustee)).Text(aggregate).Sum()
	return "referendum-v1-decryption-" + Hash(h).String()
}

// CheckDecryption is CheckAnswerer and CheckProofs: everything that makes an
// answer count.
func CheckDecryption(e *Election, a *Aggregates, aggregates Hash, i int, d *Signed[Decryption]) error {
	if err := CheckAnswerer(e, a, aggregates, i, d); err != nil {
		return err
	}
	return CheckProofs(e, a, i, &d.Body)
}

// CheckAnswerer checks trustee i's signature, and that it answers exactly the
// aggregates whose file has the given hash.
func CheckAnswerer(e *Election, a *Aggregates, aggregates Hash, i int, d *Signed[Decryption]) error {
	where := fmt.Sprintf("decryption of trustee %d", i)
	if i < 1 || i > len(e.Manifest.Trustees) {
		return fmt.Errorf("%s: the manifest has no such trustee", where)
	}
	if err := d.CheckOnly(Required{SignerTrustee(i), e.Manifest.Trustees[i-1].SigningKey}); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	switch b := d.Body; {
	case b.Election != e.ID:
		return fmt.Errorf("%s: of another election", where)
	case b.Trustee != i:
		return fmt.Errorf("%s: is trustee %d's", where, b.Trustee)
	case b.Aggregates != aggregates:
		return fmt.Errorf("%s: answers other aggregates", where)
	case len(b.Answers) != len(a.Aggregates):
		return fmt.Errorf("%s: %d answers to %d aggregates", where, len(b.Answers), len(a.Aggregates))
	}
	return nil
}

// CheckProofs checks the proof of every partial decryption of an answer that
// CheckAnswerer has passed.
func CheckProofs(e *Election, a *Aggregates, i int, d *Decryption) error {
	if len(d.Answers) != len(a.Aggregates) {
		return fmt.Errorf("decryption of trustee %d: %d answers to %d aggregates", i, len(d.Answers), len(a.Aggregates))
	}
	for k, answer := range d.Answers {
		if err := checkAnswer(e, a.Aggregates[k], i, answer); err != nil {
			return fmt.Errorf("decryption of trustee %d: %w", i, err)
		}
	}
	return nil
}

func checkAnswer(e *Election, a Aggregate, i int, answer PartialAnswer) error {
	if answer.Aggregate != a.ID {
		return fmt.Errorf("answer to %q where %q is due", answer.Aggregate, a.ID)
	}
	bases, answers, err := Pair(a, answer)
	if err != nil {
		return err
	}
	if !group.VerifyEquality(DecryptionTag(e.ID, i, a.ID), e.JointKey.PublicShares[i-1], bases, answers, answer.Proof) {
		return fmt.Errorf("aggregate %q: the proof of the partial decryption does not hold", a.ID)
	}
	return nil
}

// Pair lists the α of an aggregate and the partial decryptions of an answer
// side by side, as the equality proof takes them: question by question, option
// by option.
func Pair(a Aggregate, answer PartialAnswer) (bases, answers []group.Element, err error) {
	if len(answer.Partials) != len(a.Sums) {
		return nil, nil, fmt.Errorf("aggregate %q: answers to %d questions instead of %d", a.ID, len(answer.Partials), len(a.Sums))
	}
	for q, row := range a.Sums {
		if len(answer.Partials[q]) != len(row) {
			return nil, nil, fmt.Errorf("aggregate %q: %d answers to question %d instead of %d", a.ID, len(answer.Partials[q]), q+1, len(row))
		}
		for i, c := range row {
			bases, answers = append(bases, c.Alpha), append(answers, answer.Partials[q][i])
		}
	}
	return bases, answers, nil
}

// An opener combines the same trustees' answers for many aggregates.
type opener struct {
	answers  []*Decryption
	combiner *threshold.Combiner
	log      *threshold.LogTable
}

func newOpener(answers []*Decryption, log *threshold.LogTable) (*opener, error) {
	var trustees []int
	for _, d := range answers {
		trustees = append(trustees, d.Trustee)
	}
	combiner, err := threshold.NewCombiner(trustees)
	if err != nil {
		return nil, err
	}
	return &opener{answers, combiner, log}, nil
}

// open returns the counts of aggregate k, by question and option.
func (o *opener) open(a Aggregate, k int) ([][]uint64, error) {
	var counts [][]uint64
	for q, row := range a.Sums {
		counts = append(counts, nil)
		var papers uint64
		for i, c := range row {
			sum, err := o.combine(c, k, q, i)
			if err != nil {
				return nil, fmt.Errorf("aggregate %q, question %d, option %d: %w", a.ID, q+1, i+1, err)
			}
			n, ok := o.log.Find(sum)
			if !ok || n > a.Cast {
				return nil, fmt.Errorf("aggregate %q, question %d, option %d: decrypts to no possible count", a.ID, q+1, i+1)
			}
			counts[q], papers = append(counts[q], n), papers+n
		}
		if papers > a.Cast {
			return nil, fmt.Errorf("aggregate %q, question %d: decrypts to %d papers on %d ballots", a.ID, q+1, papers, a.Cast)
		}
	}
	return counts, nil
}

// combine returns [T]B for one sum.
func (o *opener) combine(c elgamal.Ciphertext, k, q, i int) (group.Element, error) {
	var partials []group.Element
	for _, d := range o.answers {
		partials = append(partials, d.Answers[k].Partials[q][i])
	}
	return o.combiner.Combine(c, partials)
}

package adversary

import (
	"bytes"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// at replaces the first ballot of station b-1, which has no other, and counts
// again.
func at(change func(w *World, ballot []byte) []byte) func(*World) {
	return func(w *World) {
		b := w.boxes["b-1"]
		b.Ballots[0] = change(w, bytes.Clone(b.Ballots[0]))
		w.recount("b-1")
	}
}

// Places in a ballot of questions with three options: Section 4.5 of
// docs/spec/crypto.md.
const (
	alphaAt      = 0
	betaAt       = 32
	commitAt     = 3 * 64
	challengeAt  = commitAt + 4*64
	responseAt   = challengeAt + 3*32
	questionSize = responseAt + 4*32
)

// ballotAttacks change the bytes of one ballot; its station and all after it
// sign.
func ballotAttacks() []Attack {
	set := func(offset int, value func(b []byte) []byte) func(*World) {
		return at(func(_ *World, ballot []byte) []byte {
			copy(ballot[offset:], value(ballot[offset:offset+32]))
			return ballot
		})
	}
	identity := func([]byte) []byte { return group.Identity().Bytes() }
	one := func([]byte) []byte { return append([]byte{1}, make([]byte, 31)...) }
	flip := func(b []byte) []byte { return append([]byte{b[0] ^ 1}, b[1:]...) }
	refused := []string{"V17 station b-1, ballot 1"}
	unproved := []string{"V18 station b-1, ballot 1"}
	return []Attack{
		{"alpha-identity", County, "T09", kiosk, "The first α is the identity: β shows the choice to everybody.", set(alphaAt, identity), refused},
		{"beta-identity", County, "T09", kiosk, "The first β is the identity.", set(betaAt, identity), refused},
		{"commitment-identity", County, "T09", kiosk, "A commitment is the identity.", set(commitAt, identity), refused},
		{"alpha-not-canonical", County, "T09", kiosk, "The first α is the field element 1, which is negative in no encoding of an element.", set(alphaAt, one), refused},
		{"challenge-not-canonical", County, "T09", kiosk, "A challenge is written as c + ℓ: a second ballot with the same meaning, and another code.", set(challengeAt, plusOrder), refused},
		{"response-not-canonical", County, "T09", kiosk, "A response is written as v + ℓ.", set(responseAt, plusOrder), refused},
		{"challenge-changed", County, "T09", kiosk, "One bit of a challenge is changed.", set(challengeAt, flip), unproved},
		{"response-changed", County, "T09", kiosk, "One bit of a response is changed.", set(responseAt, flip), unproved},
		{
			"questions-exchanged", County, "T09", kiosk, "The two questions of a ballot are exchanged.",
			at(func(_ *World, b []byte) []byte { return append(bytes.Clone(b[questionSize:]), b[:questionSize]...) }), unproved,
		},
		{
			"options-exchanged", County, "T09", kiosk, "Agree and disagree of a ballot are exchanged.",
			at(func(_ *World, b []byte) []byte {
				return append(append(bytes.Clone(b[64:128]), b[:64]...), b[128:]...)
			}), unproved,
		},
		{
			"ballot-flipped-by-arithmetic", County, "T09", kiosk, "B was added to a β: homomorphic addition of a vote to somebody's ballot.",
			at(func(w *World, b []byte) []byte {
				blank := b[questionSize+2*64+betaAt:]
				copy(blank, must(group.ParseElement(blank[:32])).Add(group.Generator()).Bytes())
				return b
			}), unproved,
		},
		{
			"ballot-rerandomised", County, "T08", kiosk, "Somebody's ciphertexts are randomised again to be cast as one's own, with the proof as it was.",
			func(w *World) {
				w.stuff("a-2", w.rerandomised(w.boxes["a-2"].Ballots[0]))
				w.recount("a-2")
			},
			[]string{"V18 station a-2, ballot ?"},
		},
	}
}

// rerandomised adds encryptions of 0 to all ciphertexts of a ballot.
func (w *World) rerandomised(ballot []byte) []byte {
	ballot = bytes.Clone(ballot)
	r := group.NewScalar(42)
	add := func(offset int, e group.Element) {
		old := must(group.ParseElement(ballot[offset : offset+32]))
		copy(ballot[offset:], old.Add(e).Bytes())
	}
	for q := range 2 {
		for i := range 3 {
			offset := q*questionSize + i*64
			add(offset+alphaAt, group.MulBase(r))
			add(offset+betaAt, w.Election.Key.Element().Mul(r))
		}
	}
	return ballot
}

// forgeries are made by a prover of the attacker's own. Each would pass a
// verifier that made the same mistake.
func forgeries() []Attack {
	forge := func(f Forgery) func(*World) {
		return at(func(w *World, _ []byte) []byte { return w.Forge("b-1", "voter 1", f) })
	}
	hash := func(label string, fields func(s statement) [][]byte) func(statement) *transcript.Transcript {
		return func(s statement) *transcript.Transcript {
			t := transcript.New(label)
			for _, f := range fields(s) {
				t.Bytes(f)
			}
			return t
		}
	}
	honest, claim := [][]int{{0, 1, 0}, {1, 0, 0}}, []int{2, 1}
	unproved := []string{"V18 station b-1, ballot 1"}
	return []Attack{
		{
			"vote-of-two", County, "T09", kiosk, "A vote of 2 for an option, with an honestly made proof for a vote of 1.",
			forge(Forgery{Vector: [][]int{{0, 1, 0}, {2, 0, 0}}, Claim: claim}), unproved,
		},
		{
			"two-options", County, "T09", kiosk, "Agree and disagree at once, with an honestly made proof for agree.",
			forge(Forgery{Vector: [][]int{{0, 1, 0}, {1, 1, 0}}, Claim: claim}), unproved,
		},
		{
			"vote-of-minus-one", County, "T09", kiosk, "A vote of 2 for one option and of −1 for another: the sum is 1.",
			forge(Forgery{Vector: [][]int{{-1, 2, 0}, {1, 0, 0}}, Claim: claim}), []string{"V18 station b-1, ballot 1"},
		},
		{
			"paper-not-taken-but-voted", County, "T09", kiosk, "A vote, with an honestly made proof that the paper was not taken.",
			forge(Forgery{Vector: honest, Claim: []int{0, 1}}), unproved,
		},
		{
			"challenge-without-commitments", County, "T09", kiosk, "The challenge leaves out the commitments: all branches are made up afterwards, here for a vote of 2.",
			forge(Forgery{
				Vector: [][]int{{0, 1, 0}, {2, 0, 0}}, Claim: claim, Simulated: true,
				Challenge: func(s statement) *transcript.Transcript { return s.begin("challenge") },
			}), unproved,
		},
		{
			"challenge-without-ciphertexts", County, "T09", kiosk, "The challenge leaves out the ciphertexts.",
			forge(Forgery{Vector: honest, Claim: claim, Challenge: hash("challenge", func(s statement) [][]byte {
				return [][]byte{s.election[:], []byte(s.station), s.commitments}
			})}), unproved,
		},
		{
			"challenge-without-station", County, "T09", kiosk, "The challenge leaves out the station: the ballot would serve at any.",
			forge(Forgery{Vector: honest, Claim: claim, Challenge: hash("challenge", func(s statement) [][]byte {
				return [][]byte{s.election[:], s.ciphertexts, s.commitments}
			})}), unproved,
		},
		{
			"challenge-without-election", County, "T09", kiosk, "The challenge leaves out the election: the ballot would serve in any.",
			forge(Forgery{Vector: honest, Claim: claim, Challenge: hash("challenge", func(s statement) [][]byte {
				return [][]byte{[]byte(s.station), s.ciphertexts, s.commitments}
			})}), unproved,
		},
		{
			"challenge-of-first-question", County, "T09", kiosk, "The challenge covers the commitments of the first question only.",
			forge(Forgery{Vector: honest, Claim: claim, Challenge: func(s statement) *transcript.Transcript {
				return s.begin("challenge").Bytes(s.commitments[:len(s.commitments)/2])
			}}), unproved,
		},
		{
			"weights-without-ciphertexts", County, "T09", kiosk, "The weights leave out the ciphertexts, so these could be chosen to fit.",
			forge(Forgery{Vector: honest, Claim: claim, Weight: hash("weight", func(s statement) [][]byte {
				return [][]byte{s.election[:], []byte(s.station)}
			})}), unproved,
		},
		{
			"weights-of-other-station", County, "T09", kiosk, "The weights are those of another station.",
			forge(Forgery{Vector: honest, Claim: claim, Weight: func(s statement) *transcript.Transcript {
				s.station = "b-2"
				return s.begin("weight")
			}}), unproved,
		},
	}
}

package batch

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/multibuffer"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// TestHashesAreThoseOfTheSpecification: weights and challenges of one to four
// ballots, computed side by side and from one state of the hash, are those of
// Algorithms 4.1 and 4.2 written out; for stations and ballots of every length
// around the blocks of the hash.
func TestHashesAreThoseOfTheSpecification(t *testing.T) {
	h := newHasher()
	election := [32]byte{7: 1, 31: 0xff}
	for _, shape := range []proof.Shape{{2}, {2, 2}, {3, 2, 4}, {16, 2}, {16, 16, 16}} {
		l := newLayout(shape)
		var ballots [][]byte
		for k := range multibuffer.Lanes {
			ballot := make([]byte, l.size)
			for i := range ballot {
				ballot[i] = byte(i*i>>3 + (k+1)*i)
			}
			ballots = append(ballots, ballot)
		}
		for length := range 130 {
			station := strings.Repeat("s", length)
			hashed := ballots[:1+length%len(ballots)]
			challenges := h.challenges(&election, station, &l, hashed)
			h.beginWeights(&election, station, &l, hashed)
			var weights []perBallot
			for q, n := range shape {
				for i := range n {
					weights = append(weights, h.weight(q+1, i+1, len(hashed)))
				}
			}
			for k, ballot := range hashed {
				challenge, want := specified(&l, ballot, election[:], station)
				equalScalars(t, challenges[k], challenge)
				for i := range want {
					equalScalars(t, weights[i][k], want[i])
				}
			}
		}
	}
}

// specified are the challenge and all weights of a ballot, as Algorithms 4.2 and
// 4.1 say.
func specified(l *layout, ballot, election []byte, station string) (challenge group.Scalar, weights []group.Scalar) {
	var ciphertexts, commitments []byte
	for _, q := range l.questions {
		ciphertexts = append(ciphertexts, ballot[q.ciphertexts:q.commitments]...)
		commitments = append(commitments, ballot[q.commitments:q.challenges]...)
	}
	statement := func(label string) *transcript.Transcript {
		return transcript.New(label).Bytes(election).Text(station).Bytes(ciphertexts)
	}
	for q := range l.questions {
		weights = append(weights, group.NewScalar(1))
		for i := 2; i <= l.questions[q].options; i++ {
			m := statement("weight").Uint(uint64(q + 1)).Uint(uint64(i)).Message()
			weights = append(weights, group.HashToScalar("referendum-v1-weight", m))
		}
	}
	return group.HashToScalar("referendum-v1-challenge", statement("challenge").Bytes(commitments).Message()), weights
}

func equalScalars(t *testing.T, got multiscalar.Scalar, want group.Scalar) {
	t.Helper()
	if b := got.Bytes(); !bytes.Equal(b[:], want.Bytes()) {
		t.Fatalf("%s instead of %s", hex.EncodeToString(b[:]), hex.EncodeToString(want.Bytes()))
	}
}

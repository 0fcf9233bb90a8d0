package batch

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/group/multiscalar"
	"github.com/openreferendum/referendum/crypto/proof"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// TestHashesAreThoseOfTheSpecification: weights and challenge, computed from one
// state of the hash, are those of Algorithms 4.1 and 4.2 written out; for
// stations and ballots of every length around the blocks of the hash.
func TestHashesAreThoseOfTheSpecification(t *testing.T) {
	h := newHasher()
	election := [32]byte{7: 1, 31: 0xff}
	for _, shape := range []proof.Shape{{2}, {2, 2}, {3, 2, 4}, {16, 2}, {16, 16, 16}} {
		l := newLayout(shape)
		ballot := make([]byte, l.size)
		for i := range ballot {
			ballot[i] = byte(i*i>>3 + i)
		}
		var ciphertexts, commitments []byte
		for _, q := range l.questions {
			ciphertexts = append(ciphertexts, ballot[q.ciphertexts:q.commitments]...)
			commitments = append(commitments, ballot[q.commitments:q.challenges]...)
		}
		for length := range 130 {
			station := strings.Repeat("s", length)
			statement := func(label string) *transcript.Transcript {
				return transcript.New(label).Bytes(election[:]).Text(station).Bytes(ciphertexts)
			}
			h.beginWeights(&election, station, &l, ballot)
			want := group.HashToScalar("referendum-v1-challenge", statement("challenge").Bytes(commitments).Message())
			equalScalars(t, h.challenge(&election, station, &l, ballot), want)
			for q, n := range shape {
				equalScalars(t, h.weight(q+1, 1), group.NewScalar(1))
				for i := n; i >= 2; i-- { // in any order
					want := group.HashToScalar("referendum-v1-weight", statement("weight").Uint(uint64(q+1)).Uint(uint64(i)).Message())
					equalScalars(t, h.weight(q+1, i), want)
				}
			}
		}
	}
}

func equalScalars(t *testing.T, got multiscalar.Scalar, want group.Scalar) {
	t.Helper()
	if b := got.Bytes(); !bytes.Equal(b[:], want.Bytes()) {
		t.Fatalf("%s instead of %s", hex.EncodeToString(b[:]), hex.EncodeToString(want.Bytes()))
	}
}

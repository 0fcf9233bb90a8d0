package eid_test

import (
	"crypto"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkCheckIn takes what the station needs of a card once it is in: find the key, read
// the certificate, hand over the PIN, sign, let go; over the real stack. The time
// that the card itself computes is reported apart: what is ours, the daemon's and the
// module's is the rest.
func BenchmarkCheckIn(b *testing.B) {
	r := newRig(b, nil)
	for _, bench := range []struct {
		name, profile string
		key           func() crypto.Signer
	}{
		{"PIV, P-256", "piv", keyP256}, {"PIV, RSA 2048", "piv", keyRSA2048},
		{"OpenSC, P-256", "opensc", keyP256}, {"OpenSC, RSA 2048", "opensc", keyRSA2048},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p := profile(b, bench.profile)
			inner, outer := newCard(bench.key()), newCard(bench.key())
			var own atomic.Int64
			outer.Hook(func(command []byte) ([]byte, bool) {
				start := time.Now()
				defer func() { own.Add(int64(time.Since(start))) }()
				return inner.Transmit(command), true
			})
			r := &rig{b, r.stack, r.reader}
			token := r.insert(outer)
			secret := pin(b, p, rightPIN)
			own.Store(0)
			for b.Loop() {
				inner.Reset()
				card, err := untilError(token, p, secret)
				if err != nil {
					b.Fatal(err)
				}
				if err := card.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(own.Load())/float64(b.N), "card-ns/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds()-own.Load())/float64(b.N), "beyond-ns/op")
			r.remove()
		})
	}
}

// BenchmarkInsertion is the time from a card's first power to the event.
func BenchmarkInsertion(b *testing.B) {
	r := newRig(b, nil)
	plastic := newCard(keyP256())
	for b.Loop() {
		r.insert(plastic)
		b.StopTimer()
		r.remove()
		b.StartTimer()
	}
}

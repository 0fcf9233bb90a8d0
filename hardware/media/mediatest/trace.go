package mediatest

import (
	"bytes"
	"math/rand/v2"
)

// A Trace is what a stick was told, in order, since recording began.
type Trace struct {
	start []byte
	ops   []op
}

// An op is a write or, without bytes, a sync.
type op struct {
	off int64
	b   []byte
}

func (t *Trace) write(off int64, b []byte) { t.ops = append(t.ops, op{off, bytes.Clone(b)}) }

func (t *Trace) sync() { t.ops = append(t.ops, op{off: -1}) }

// Len returns the number of writes and syncs.
func (t *Trace) Len() int { return len(t.ops) }

// Cut returns what the stick holds if it is pulled out after n operations: all
// that was written before the last sync, and of each sector written later either
// the new content or the one before, by chance.
func (t *Trace) Cut(n int, dice *rand.Rand) []byte {
	const sector = 512
	image := bytes.Clone(t.start)
	synced := 0
	for i, o := range t.ops[:n] {
		if o.off < 0 {
			synced = i
		}
	}
	for i, o := range t.ops[:n] {
		if o.off < 0 {
			continue
		}
		for at := 0; at < len(o.b); at += sector {
			if i < synced || dice.IntN(2) == 0 {
				copy(image[o.off+int64(at):], o.b[at:min(at+sector, len(o.b))])
			}
		}
	}
	return image
}

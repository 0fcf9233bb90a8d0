// Package multibuffer computes SHA-512 (FIPS 180-4) of up to four messages of the
// same length side by side, which is known as multi-buffer hashing. With AVX2,
// four messages take less time than two would one after the other. On other
// processors each is hashed by the standard library's sha512.
//
// The result is that of package sha512 for every message. What was hashed so far
// can be kept and continued more than once, for messages that begin alike.
//
// SHA-512 computes modulo 2^64, and so does a processor in a lane of 64 bits:
// there is no carry to lose and no bound to keep. The kernel for AVX2 is written
// by the generator in the folder gen. The tests hold it against the standard
// library's sha512: messages of all lengths up to five blocks, cut everywhere,
// unaligned, each other than those beside it, every bit of a block changed.
//
// It does not try to hide what it hashes: it is for public data, such as ballots.
package multibuffer

import (
	"crypto/sha512"
	"fmt"
	"hash"
)

const (
	Lanes     = 4                // messages at a time
	Size      = sha512.Size      // of a hash, in bytes
	BlockSize = sha512.BlockSize // in bytes
)

// A Hash hashes up to Lanes messages side by side. It comes from New; begin with
// Reset or Restore. One goroutine uses it at a time.
type Hash struct {
	messages int
	avx2     bool
	blocks   blocks           // with AVX2
	each     [Lanes]hash.Hash // without
}

// A State is what a Hash has hashed so far: see Save. The zero State may only be
// saved to. It must not be copied.
type State struct {
	messages int
	blocks   blocks
	each     [Lanes][]byte
}

// New returns a Hash that uses AVX2 if the processor has it.
func New() *Hash { return newHash(hasAVX2()) }

func newHash(avx2 bool) *Hash {
	h := &Hash{avx2: avx2}
	for l := range h.each {
		h.each[l] = sha512.New()
	}
	return h
}

// Reset begins so many messages, at most Lanes.
func (h *Hash) Reset(messages int) {
	h.messages = within(messages, Lanes)
	if h.avx2 {
		h.blocks.reset()
		return
	}
	for _, one := range h.each[:messages] {
		one.Reset()
	}
}

// Write continues message l with parts[l]. There are as many parts as messages,
// all of the same length.
func (h *Hash) Write(parts [][]byte) {
	h.mustHaveBegun()
	if len(parts) != h.messages {
		panic(fmt.Sprintf("multibuffer: internal error: %d parts for %d messages", len(parts), h.messages))
	}
	for _, part := range parts {
		if len(part) != len(parts[0]) {
			panic("multibuffer: internal error: parts of different lengths")
		}
	}
	if h.avx2 {
		h.blocks.write(spread(parts))
		return
	}
	for l, part := range parts {
		h.each[l].Write(part)
	}
}

// WriteAll continues all messages with the same part.
func (h *Hash) WriteAll(part []byte) {
	h.mustHaveBegun()
	if h.avx2 {
		h.blocks.write([Lanes][]byte{part, part, part, part})
		return
	}
	for _, one := range h.each[:h.messages] {
		one.Write(part)
	}
}

// spread fills the lanes without a message with the first.
func spread(parts [][]byte) (all [Lanes][]byte) {
	for l := range all {
		all[l] = parts[0]
	}
	copy(all[:], parts)
	return all
}

// Sum puts the hash of message l into sums[l]. Then the Hash has to begin again,
// with Reset or Restore.
func (h *Hash) Sum(sums *[Lanes][Size]byte) {
	h.mustHaveBegun()
	if h.avx2 {
		h.blocks.sum(sums)
	} else {
		for l, one := range h.each[:h.messages] {
			one.Sum(sums[l][:0])
		}
	}
	h.messages = 0
}

func (h *Hash) mustHaveBegun() {
	if h.messages == 0 {
		panic("multibuffer: internal error: no messages")
	}
}

// Save keeps in s what was hashed so far.
func (h *Hash) Save(s *State) {
	h.mustHaveBegun()
	s.messages = h.messages
	if h.avx2 {
		s.blocks = h.blocks
		return
	}
	for l, one := range h.each[:h.messages] {
		s.each[l] = save(one, s.each[l])
	}
}

// Restore continues the first messages of s, so many.
func (h *Hash) Restore(s *State, messages int) {
	h.messages = within(messages, s.messages)
	if h.avx2 {
		h.blocks = s.blocks
		return
	}
	for l, one := range h.each[:messages] {
		restore(one, s.each[l])
	}
}

func within(messages, most int) int {
	if messages < 1 || messages > most {
		panic(fmt.Sprintf("multibuffer: internal error: %d messages of 1 to %d", messages, most))
	}
	return messages
}

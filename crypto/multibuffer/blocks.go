package multibuffer

import "encoding/binary"

// blocks is SHA-512 of four messages by the kernel for AVX2.
type blocks struct {
	state  [8][Lanes]uint64       // H_w of message l
	length uint64                 // of each message so far, in bytes
	rest   [Lanes][BlockSize]byte // what is there of an unfinished block
}

// initial is H^(0) of FIPS 180-4, Section 5.3.5.
var initial = [8]uint64{
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
}

func (b *blocks) reset() {
	b.length = 0
	for w, h := range initial {
		b.state[w] = [Lanes]uint64{h, h, h, h}
	}
}

// write continues every message with its part. All have the same length.
func (b *blocks) write(parts [Lanes][]byte) {
	used := int(b.length % BlockSize)
	b.length += uint64(len(parts[0]))
	if used > 0 {
		taken := 0
		for l := range parts {
			taken = copy(b.rest[l][used:], parts[l])
			parts[l] = parts[l][taken:]
		}
		if used+taken < BlockSize {
			return
		}
		blocksAVX2(&b.state, &b.rest[0][0], &b.rest[1][0], &b.rest[2][0], &b.rest[3][0], 1)
	}
	if whole := len(parts[0]) / BlockSize; whole > 0 {
		blocksAVX2(&b.state, &parts[0][0], &parts[1][0], &parts[2][0], &parts[3][0], uint64(whole))
		for l := range parts {
			parts[l] = parts[l][whole*BlockSize:]
		}
	}
	for l := range parts {
		copy(b.rest[l][:], parts[l])
	}
}

// sum pads the messages (FIPS 180-4, Section 5.1.2) and writes the hashes.
func (b *blocks) sum(sums *[Lanes][Size]byte) {
	const lengthSize = 16
	used := int(b.length % BlockSize)
	end := BlockSize
	if used+1+lengthSize > BlockSize {
		end += BlockSize
	}
	var room [2 * BlockSize]byte
	padding := room[:end-used]
	padding[0] = 0x80
	// The length in bits. No message has as many as 2^64.
	binary.BigEndian.PutUint64(padding[len(padding)-8:], 8*b.length)
	b.write([Lanes][]byte{padding, padding, padding, padding})
	for w, lanes := range b.state {
		for l, h := range lanes {
			binary.BigEndian.PutUint64(sums[l][8*w:], h)
		}
	}
}

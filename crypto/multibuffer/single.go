package multibuffer

import (
	"encoding"
	"hash"
)

// save returns the state of a hash of package sha512, in the room of an old one.
func save(h hash.Hash, room []byte) []byte {
	state, err := h.(encoding.BinaryAppender).AppendBinary(room[:0])
	if err != nil {
		panic("multibuffer: internal error: " + err.Error())
	}
	return state
}

func restore(h hash.Hash, state []byte) {
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic("multibuffer: internal error: " + err.Error())
	}
}

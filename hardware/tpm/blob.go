package tpm

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/google/go-tpm/tpm2"
)

// A blob is what Seal gives out and Unseal takes, in this form, without anything between:
//
//	magic        14 bytes "referendum-tpm"
//	version       1 byte  1
//	pcrs          3 bytes one bit for each PCR, as in TPMS_PCR_SELECTION; at least one
//	measurement  32 bytes SHA-256 over their values
//	parent       32 bytes SHA-256 over the public area of the key under which it is sealed
//	unique       32 bytes the object's unique value, by which its public area is complete
//	length        2 bytes of what follows, big-endian, 1 to 1024
//	private               the object's sensitive part, encrypted and authenticated by the TPM
//	sum          32 bytes SHA-256 over all before
//
// The public area is not there: it follows from the rest, so that it cannot say
// anything else. The sum is against damage, not against people; those the TPM's own authentication
// stops.
type blob struct {
	pcrs        selection
	measurement [32]byte
	parent      [32]byte
	unique      [32]byte
	private     []byte
}

const (
	blobMagic   = "referendum-tpm\x01" // with the version
	blobHead    = len(blobMagic) + 3 + 3*32 + 2
	maxPrivate  = 1024
	smallestEnd = 1 + sha256.Size
)

func (b blob) marshal() []byte {
	out := []byte(blobMagic)
	out = append(out, b.pcrs[:]...)
	out = append(out, b.measurement[:]...)
	out = append(out, b.parent[:]...)
	out = append(out, b.unique[:]...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(b.private)))
	out = append(out, b.private...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// parseBlob reads a blob. Every error wraps ErrBlob.
func parseBlob(in []byte) (blob, error) {
	var b blob
	if len(in) < blobHead+smallestEnd || len(in) > blobHead+maxPrivate+sha256.Size {
		return b, fmt.Errorf("%w: %d bytes", ErrBlob, len(in))
	}
	if string(in[:len(blobMagic)]) != blobMagic {
		return b, fmt.Errorf("%w: no blob of this version", ErrBlob)
	}
	body := in[:len(in)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], in[len(body):]) {
		return b, fmt.Errorf("%w: its sum is another", ErrBlob)
	}
	r := bytes.NewReader(body[len(blobMagic):])
	for _, field := range [][]byte{b.pcrs[:], b.measurement[:], b.parent[:], b.unique[:]} {
		r.Read(field) // the length was looked at
	}
	if b.pcrs == (selection{}) {
		return b, fmt.Errorf("%w: no PCR", ErrBlob)
	}
	private := body[blobHead:]
	if int(binary.BigEndian.Uint16(body[blobHead-2:])) != len(private) {
		return b, fmt.Errorf("%w: a length that is another", ErrBlob)
	}
	b.private = bytes.Clone(private)
	return b, nil
}

// public is the public area of the sealed object (Part 2, Section 12.2.4, for
// keyedHash without a scheme: data).
//
// fixedTPM and fixedParent: it never leaves this TPM. No userWithAuth, and adminWithPolicy: nothing but the
// policy opens it, no empty password. noDA: there is no password to guess, so the
// lockout after wrong guesses at other objects must not keep a station from starting
// (Part 1, dictionary attack protection).
func (b blob) public() tpm2.TPMTPublic {
	policy := b.pcrs.policy(b.measurement)
	return tpm2.TPMTPublic{
		Type: tpm2.TPMAlgKeyedHash, NameAlg: tpm2.TPMAlgSHA256,
		ObjectAttributes: tpm2.TPMAObject{FixedTPM: true, FixedParent: true, AdminWithPolicy: true, NoDA: true},
		AuthPolicy:       tpm2.TPM2BDigest{Buffer: policy[:]},
		Parameters:       tpm2.NewTPMUPublicParms(tpm2.TPMAlgKeyedHash, &tpm2.TPMSKeyedHashParms{Scheme: tpm2.TPMTKeyedHashScheme{Scheme: tpm2.TPMAlgNull}}),
		Unique:           tpm2.NewTPMUPublicID(tpm2.TPMAlgKeyedHash, &tpm2.TPM2BDigest{Buffer: b.unique[:]}),
	}
}

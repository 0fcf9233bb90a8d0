package eidtest

// A status is the two bytes at the end of every answer (ISO/IEC 7816-4,
// Section 5.1.3; SP 800-73-4, part 1, Section 5.6).
type status uint16

const (
	statusOK          status = 0x9000
	statusWrongPIN    status = 0x63C0 // plus the tries left
	statusLength      status = 0x6700
	statusNoChaining  status = 0x6884
	statusSecurity    status = 0x6982
	statusBlocked     status = 0x6983
	statusConditions  status = 0x6985
	statusData        status = 0x6A80
	statusNotFound    status = 0x6A82
	statusParameters  status = 0x6A86
	statusReference   status = 0x6A88
	statusInstruction status = 0x6D00
	statusClass       status = 0x6E00
	statusBroken      status = 0x6F00
)

func (s status) answer() []byte { return []byte{byte(s >> 8), byte(s)} }

// A command is a parsed command APDU.
type command struct {
	class, instruction, p1, p2 byte
	data                       []byte
	expected                   int // at most so many bytes of answer
}

// The longest piece of an answer: two bytes of status follow, and the link to
// the reader counts in 16 bits.
const maxPiece = 65533

// parse reads a command APDU, short or extended (ISO/IEC 7816-4, Section
// 5.1). An absent Le means 256: under T=1, as here, the card may answer at once.
func parse(b []byte) (command, status) {
	if len(b) < 4 {
		return command{}, statusLength
	}
	c := command{class: b[0], instruction: b[1], p1: b[2], p2: b[3], expected: 256}
	body := b[4:]
	switch {
	case len(body) == 0:
		return c, statusOK
	case len(body) == 1:
		c.expected = length(body, 256)
		return c, statusOK
	case len(body) >= 3 && body[0] == 0:
		return parseExtended(c, body[1:])
	}
	n := int(body[0])
	if n == 0 || len(body) < 1+n || len(body) > 2+n {
		return command{}, statusLength
	}
	c.data = body[1 : 1+n]
	if le := body[1+n:]; len(le) == 1 {
		c.expected = length(le, 256)
	}
	return c, statusOK
}

// parseExtended reads what follows the zero byte that marks an extended length.
func parseExtended(c command, body []byte) (command, status) {
	if len(body) == 2 {
		c.expected = min(length(body, 65536), maxPiece)
		return c, statusOK
	}
	n := int(body[0])<<8 | int(body[1])
	if n == 0 || len(body) < 2+n {
		return command{}, statusLength
	}
	c.data = body[2 : 2+n]
	switch le := body[2+n:]; len(le) {
	case 0:
	case 2:
		c.expected = min(length(le, 65536), maxPiece)
	default:
		return command{}, statusLength
	}
	return c, statusOK
}

// length is the number that the bytes of an Le mean; zero means all.
func length(le []byte, all int) int {
	n := 0
	for _, b := range le {
		n = n<<8 | int(b)
	}
	if n == 0 {
		return all
	}
	return n
}

package slip

import (
	"strconv"
	"strings"
)

// Plain returns a page as plain text, for a console and for tests.
func (p Page) Plain() string {
	var s strings.Builder
	line := func(parts ...string) {
		for _, part := range parts {
			s.WriteString(part)
		}
		s.WriteByte('\n')
	}
	flat := func(t string) string { return strings.ReplaceAll(t, "\n", " / ") }
	for _, b := range p.Blocks {
		switch b.Kind {
		case Heading:
			line("== ", flat(b.Text), " ==")
		case Mark:
			line("*** ", flat(b.Text), " ***")
		case Row, Code:
			line(flat(b.Label), ": ", flat(b.Text))
		case Choice:
			line(strconv.Itoa(b.Number), ". ", flat(b.Label))
			line("    => ", flat(b.Text))
		case Rule:
			line(strings.Repeat("-", 40))
		case QR:
			line("[QR] ", flat(b.Text))
		case Cut:
			line("[cut]")
		case Signature:
			line("____________________ ", flat(b.Label))
		default:
			line(strings.TrimRight(b.Text, "\n"))
		}
	}
	return s.String()
}

package cec

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// Percent returns 100·a/b with two decimals, rounded half up, as the Commission
// does; "0.00" where b is 0.
func Percent(a, b uint64) string {
	if b == 0 {
		return "0.00"
	}
	n := new(big.Int).SetUint64(a)
	n.Mul(n, big.NewInt(20000)).Add(n, new(big.Int).SetUint64(b))
	n.Div(n, new(big.Int).Mul(big.NewInt(2), new(big.Int).SetUint64(b)))
	s := fmt.Sprintf("%03d", n)
	return s[:len(s)-2] + "." + s[len(s)-2:]
}

// Sums returns the rows of stations together with the rows that sum over them
// up to root, in the Commission's order: every area before its parts. A row of
// an area enters the sums from that area on. Inhabitants are not known to a
// count, and are 0 unless known holds them.
func Sums(stations []Row, root Code, known map[Code]uint64) []Row {
	sums := map[Code]*Row{}
	var order []*Row
	for _, s := range stations {
		var chain []Code
		for c, ok := s.Code, true; ok && c.within(root); c, ok = c.Parent() {
			chain = append(chain, c)
		}
		for i := len(chain) - 1; i >= 0; i-- {
			c := chain[i]
			if sums[c] == nil {
				sums[c] = &Row{Code: c}
				order = append(order, sums[c])
			}
			sums[c].Counts = sums[c].plus(s.Counts)
			sums[c].Population = known[c]
		}
	}
	rows := make([]Row, len(order))
	for i, r := range order {
		rows[i] = *r
	}
	return rows
}

// WriteProfile writes an rfprof file: all columns quoted, lines ended by a
// newline.
func WriteProfile(w io.Writer, rows []Row) error {
	b := bufio.NewWriter(w)
	line(b, profHeader)
	for _, r := range rows {
		line(b, append(r.columns(), number(r.Valid), number(r.Agree), number(r.Disagree), number(r.Invalid), number(r.Votes),
			number(r.Votable), number(r.Population), Percent(r.Votes, r.Votable), Percent(r.Agree, r.Votable)))
	}
	return b.Flush()
}

var ticketHeader = []string{"prv_code", "city_code", "area_code", "dept_code", "li_code", "tbox_no", "votable_population", "agree_ticket",
	"agree_ticket_percent", "disagree_ticket", "disagree_ticket_percent", "agree_to_votable", "vote_result"}

// WriteTickets writes an rftckt file; the result of each row is that of the
// rule on its own numbers.
func WriteTickets(w io.Writer, rows []Row, passes func(Counts) bool) error {
	b := bufio.NewWriter(w)
	line(b, ticketHeader)
	for _, r := range rows {
		result := "N"
		if passes(r.Counts) {
			result = "Y"
		}
		line(b, append(r.columns(), number(r.Votable), number(r.Agree), Percent(r.Agree, r.Valid), number(r.Disagree), Percent(r.Disagree, r.Valid),
			Percent(r.Agree, r.Votable), result))
	}
	return b.Flush()
}

func (c Code) columns() []string {
	return []string{c.Province, c.City, c.Area, c.Town, c.Village, c.Station}
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

// line writes quoted columns. Errors stay in the writer until Flush.
func line(b *bufio.Writer, columns []string) {
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(strings.ReplaceAll(c, `"`, `""`))
		b.WriteByte('"')
	}
	b.WriteByte('\n')
}

// WriteAreas writes an rfarea file, in the order of the codes given.
func WriteAreas(w io.Writer, areas []Code, names map[Code]string) error {
	b := bufio.NewWriter(w)
	line(b, areaHeader)
	for _, c := range areas {
		line(b, append(c.columns()[:5], names[c]))
	}
	return b.Flush()
}

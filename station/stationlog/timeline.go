package stationlog

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Language is one in which a timeline is written.
type Language int

// The languages.
const (
	English Language = iota
	Chinese          // Traditional, as written in Taiwan
	Both             // one below the other
)

// marks show a severity at the beginning of a line.
var marks = map[Severity]string{Notice: "  ", Warning: "! ", Alarm: "!!"}

// Timeline writes a log for people, as plain text: the hours in the given time
// zone, and below each its lines with their number, a mark for the severity
// ("!" warning, "!!" alarm), the event's name and detail, what it means and,
// for all but notices, what to do. A nil zone is UTC.
//
// The hours are those of the machine's clock, in the log's order: one that
// comes twice is a clock that was set.
func Timeline(w io.Writer, entries []Entry, l Language, zone *time.Location) error {
	if zone == nil {
		zone = time.UTC
	}
	b := bufio.NewWriter(w)
	for i, e := range entries {
		d, ok := e.Event.Describe()
		if !ok {
			return fmt.Errorf("timeline: no event %d", int(e.Event))
		}
		if i == 0 || e.Hour != entries[i-1].Hour {
			if i > 0 {
				fmt.Fprintln(b)
			}
			fmt.Fprintln(b, e.Hour.span(zone))
		}
		fmt.Fprintf(b, "%s %5d  %s", marks[d.Severity], e.Number, d.Name)
		for _, detail := range e.Details {
			fmt.Fprintf(b, "  [%s]", detail.say(l))
		}
		fmt.Fprintln(b)
		if l != Chinese {
			d.English.write(b, d.Severity)
		}
		if l != English {
			d.Chinese.write(b, d.Severity)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("timeline: %w", err)
	}
	return nil
}

func (w Words) write(b *bufio.Writer, s Severity) {
	fmt.Fprintf(b, "          %s\n", w.Meaning)
	if s != Notice {
		fmt.Fprintf(b, "          → %s\n", w.Do)
	}
}

// span returns an hour such as "2021-12-18 08:00–09:00 +08:00".
func (h Hour) span(zone *time.Location) string {
	from := h.t.In(zone)
	return from.Format("2006-01-02 15:04–") + from.Add(time.Hour).Format("15:04 -07:00")
}

// say returns a detail in a language.
func (d Detail) say(l Language) string {
	i := slices.Index(vocabulary[d.key], d.value)
	if l == English || i < 0 {
		return d.String()
	}
	words := chineseDetails[d.key]
	chinese := words.name + "：" + words.values[i]
	if l == Both {
		return d.String() + " / " + chinese
	}
	return chinese
}

// A detailWords says what a detail and its values are called in Chinese, in the
// vocabulary's order.
type detailWords struct {
	name   string
	values []string
}

var chineseDetails = map[string]detailWords{
	"official": {"選務人員", vocabulary["official"]},
	"part": {"裝置", []string{"投票單印表機", "讀卡機", "螢幕", "儲存裝置", "票匭裝置", "面板", "電池", "前方印表機", "卸除式媒體",
		"金鑰保管裝置", "時鐘"}},
	"cause": {"原因", []string{"選務人員決定", "印表機故障", "讀卡機故障", "投票單故障", "儲存故障", "選票故障",
		"遭開啟或移動", "電源故障", "不應發生的事件", "面板故障"}},
	"printer":   {"印表機", []string{"缺紙", "上蓋開啟", "裁刀卡住", "無回應", "錯誤", "回應異常", "連接中斷"}},
	"medium":    {"媒體", []string{"內部", "第一份", "第二份", "鏡像"}},
	"clock":     {"時鐘", []string{"早於程式製作時間", "倒退", "非投票日", "停止"}},
	"switch":    {"開關", []string{"後門", "印表機蓋", "票匭門", "移動感測"}},
	"kind":      {"種類", []string{"正式", "演練", "測試"}},
	"seal":      {"封存方式", []string{"安全晶片（TPM）", "通行碼"}},
	"unsealing": {"原因", []string{"開機量測值不同", "非本機安全晶片", "毀損", "安全晶片無回應", "通行碼錯誤"}},
	"books":     {"資料庫", []string{"缺漏", "不一致", "使用中", "屬其他投票所或投票", "內容不符"}},
	"refusal":   {"拒絕原因", []string{"不存在", "本機磁碟", "防寫", "空間不足", "屬其他投票所或投票", "無標籤", "重複或使用中", "遭拔除", "格式不符"}},
}

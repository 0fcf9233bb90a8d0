package cec

import "embed"

// Lienchiang holds the files of Lienchiang County; data/SOURCE.md says where
// they come from.
//
//go:embed data/*.csv
var Lienchiang embed.FS

// A Question is what a case asked.
type Question struct {
	Title, Text, Proposer map[string]string
}

// Questions2021 are the cases of 18 December 2021.
var Questions2021 = map[int]Question{
	17: {
		Title:    map[string]string{"zh-Hant": "第17案 核四啟封商轉發電", "en": "Case 17: Fourth Nuclear Power Plant"},
		Text:     map[string]string{"zh-Hant": "您是否同意核四啟封商轉發電？", "en": "Do you agree that the Fourth Nuclear Power Plant be unsealed and operated commercially to generate electricity?"},
		Proposer: map[string]string{"zh-Hant": "領銜人：黃士修", "en": "Proposer: Huang Shih-hsiu"},
	},
	18: {
		Title:    map[string]string{"zh-Hant": "第18案 禁止進口萊克多巴胺豬肉", "en": "Case 18: Ban on pork with ractopamine"},
		Text:     map[string]string{"zh-Hant": "你是否同意政府應全面禁止進口含有萊克多巴胺之乙型受體素豬隻之肉品、內臟及其相關產製品？", "en": "Do you agree that the Government should prohibit all imports of meat, offal and related products of pigs fed with the beta-agonist ractopamine?"},
		Proposer: map[string]string{"zh-Hant": "領銜人：林為洲", "en": "Proposer: Lin Wei-chou"},
	},
	19: {
		Title:    map[string]string{"zh-Hant": "第19案 公投綁大選", "en": "Case 19: Referendums on election days"},
		Text:     map[string]string{"zh-Hant": "你是否同意公民投票案公告成立後半年內，若該期間內遇有全國性選舉時，在符合公民投票法規定之情形下，公民投票應與該選舉同日舉行？", "en": "Do you agree that a referendum be held on the day of a national election, if one falls within six months of its announcement and the Referendum Act is complied with?"},
		Proposer: map[string]string{"zh-Hant": "領銜人：江啟臣", "en": "Proposer: Chiang Chi-chen"},
	},
	20: {
		Title:    map[string]string{"zh-Hant": "第20案 三接遷離桃園藻礁海域", "en": "Case 20: Moving the third LNG terminal"},
		Text:     map[string]string{"zh-Hant": "您是否同意中油第三天然氣接收站遷離桃園大潭藻礁海岸及海域？（即北起觀音溪出海口，南至新屋溪出海口之海岸，及由上述海岸最低潮線往外平行延伸五公里之海域）", "en": "Do you agree that CPC's third liquefied natural gas terminal be moved away from the algal reef coast of Datan, Taoyuan, and its adjacent waters? (The coast from the mouth of the Guanyin River to the mouth of the Xinwu River, and the waters up to five kilometres from its lowest tide line.)"},
		Proposer: map[string]string{"zh-Hant": "領銜人：潘忠政", "en": "Proposer: Pan Chong-zheng"},
	},
}

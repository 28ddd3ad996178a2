package main

// The forms of section 3, each without an allocation.

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

func isHex(b []byte, length int) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(b) == length
}

// unhex reads small hexadecimal letters into bytes.
func unhex(into, text []byte) bool {
	if !isHex(text, 2*len(into)) {
		return false
	}
	nibble := func(c byte) byte {
		if c >= 'a' {
			return c - 'a' + 10
		}
		return c - '0'
	}
	for i := range into {
		into[i] = nibble(text[2*i])<<4 | nibble(text[2*i+1])
	}
	return true
}

// two reads two digits.
func two(b []byte) int { return 10*int(b[0]-'0') + int(b[1]-'0') }

// isDay holds for a day of the calendar, 2021-03-05.
func isDay(b []byte) bool {
	if len(b) != len("2021-03-05") || b[4] != '-' || b[7] != '-' || !isDigits(b[:4]) || !isDigits(b[5:7]) || !isDigits(b[8:]) {
		return false
	}
	year, month, day := 100*two(b)+two(b[2:]), two(b[5:]), two(b[8:])
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	most := days[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		most++
	}
	return day <= most
}

// isInstant holds for a time in UTC with six decimals, 2026-11-23T12:44:01.142662Z.
func isInstant(b []byte) bool {
	if len(b) != len("2026-11-23T12:44:01.142662Z") || !isDay(b[:10]) || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || b[26] != 'Z' {
		return false
	}
	if !isDigits(b[11:13]) || !isDigits(b[14:16]) || !isDigits(b[17:19]) || !isDigits(b[20:26]) {
		return false
	}
	return two(b[11:]) < 24 && two(b[14:]) < 60 && two(b[17:]) < 60
}

// isDecimal holds for an exact number with at least and at most so many decimals, without trailing zeros beyond the least.
func isDecimal(b []byte, least, most int) bool {
	digits := b
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	whole, part := digits, []byte(nil)
	for i, c := range digits {
		if c == '.' {
			whole, part = digits[:i], digits[i+1:]
			if len(part) == 0 {
				return false
			}
			break
		}
	}
	if !isDigits(whole) || len(whole) > 1 && whole[0] == '0' || len(part) < least || len(part) > most {
		return false
	}
	if len(part) > 0 && (!isDigits(part) || len(part) > least && part[len(part)-1] == '0') {
		return false
	}
	return len(b) == len(digits) || !isZero(digits) // there is no -0
}

func isZero(digits []byte) bool {
	for _, c := range digits {
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}

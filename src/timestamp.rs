//! RFC 3339 times with nanoseconds, as Go's `time` package reads and writes them.
//!
//! Go reads more than RFC 3339 allows. The hour may be one digit, the fraction may follow a comma,
//! and an offset from UTC may be up to `24:60`. The fraction may have any number of digits, of
//! which the first nine count. Go writes no offset of 24 hours or more.

/// A date and a time of day, with the offset of the clock from UTC.
///
/// The fields are those of the text, so that writing them needs no calendar arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to the month's last day.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59: Go knows no leap seconds.
    pub second: u8,
    /// 0 to 999,999,999.
    pub nanosecond: u32,
    /// Minutes east of UTC, from -1500 to 1500.
    pub offset: i16,
}

impl Default for Timestamp {
    /// Returns Go's zero time: the first instant of the year 1 in UTC.
    fn default() -> Self {
        Self {
            year: 1,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset: 0,
        }
    }
}

/// A text is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATimestamp {
    /// How many bytes at the start could start a timestamp: all of them where only bytes are
    /// missing.
    pub valid_prefix: usize,
}

/// An offset in the text of a timestamp.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    /// Returns the error of a wrong or missing byte here.
    fn fail<T>(&self) -> Result<T, NotATimestamp> {
        Err(NotATimestamp {
            valid_prefix: self.at,
        })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn byte(&mut self, is_allowed: impl Fn(u8) -> bool) -> Result<u8, NotATimestamp> {
        match self.peek() {
            Some(byte) if is_allowed(byte) => {
                self.at += 1;
                Ok(byte)
            }
            _ => self.fail(),
        }
    }

    fn skip(&mut self, separator: u8) -> Result<(), NotATimestamp> {
        self.byte(|byte| byte == separator).map(|_| ())
    }

    fn digit(&mut self) -> Result<u8, NotATimestamp> {
        Ok(self.byte(|byte| byte.is_ascii_digit())? - b'0')
    }

    /// Reads a number of two digits, from `min` to `max`.
    fn two_digits(&mut self, min: u8, max: u8) -> Result<u8, NotATimestamp> {
        let tens = self.digit()? * 10;
        if tens > max || tens + 9 < min {
            self.at -= 1;
            return self.fail();
        }
        let number = tens + self.digit()?;
        if number < min || number > max {
            self.at -= 1;
            return self.fail();
        }
        Ok(number)
    }

    /// Reads an hour of one digit or two.
    fn hour(&mut self) -> Result<u8, NotATimestamp> {
        let first = self.digit()?;
        match self.peek() {
            Some(second @ b'0'..=b'9') => {
                let hour = first * 10 + (second - b'0');
                if hour > 23 {
                    return self.fail();
                }
                self.at += 1;
                Ok(hour)
            }
            _ => Ok(first),
        }
    }

    /// Reads the digits of a fraction, of which the first nine count.
    fn nanoseconds(&mut self) -> Result<u32, NotATimestamp> {
        let mut nanoseconds = u32::from(self.digit()?);
        let mut digits = 1;
        while let Some(byte @ b'0'..=b'9') = self.peek() {
            if digits < 9 {
                nanoseconds = nanoseconds * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            self.at += 1;
        }
        Ok(nanoseconds * 10u32.pow(9 - digits))
    }
}

#[inline(never)]
fn days_in(month: u8, year: u16) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

impl Timestamp {
    /// Reads the texts that Go's `time.Parse(time.RFC3339, text)` reads.
    ///
    /// # Errors
    ///
    /// Occurs when Go refuses the text.
    ///
    /// ```
    /// use skill_log::timestamp::Timestamp;
    /// let time = Timestamp::parse(b"2026-01-02T3:04:05,25+05:30").unwrap();
    /// assert_eq!(time.to_string(), "2026-01-02T03:04:05.25+05:30");
    /// ```
    pub fn parse(text: &[u8]) -> Result<Self, NotATimestamp> {
        let mut parser = Parser { text, at: 0 };
        let mut year = 0;
        for _ in 0..4 {
            year = year * 10 + u16::from(parser.digit()?);
        }
        parser.skip(b'-')?;
        let month = parser.two_digits(1, 12)?;
        parser.skip(b'-')?;
        let day = parser.two_digits(1, days_in(month, year))?;
        parser.skip(b'T')?;
        let hour = parser.hour()?;
        parser.skip(b':')?;
        let minute = parser.two_digits(0, 59)?;
        parser.skip(b':')?;
        let second = parser.two_digits(0, 59)?;
        let mut next = parser.byte(|byte| matches!(byte, b'.' | b',' | b'Z' | b'+' | b'-'))?;
        let mut nanosecond = 0;
        if matches!(next, b'.' | b',') {
            nanosecond = parser.nanoseconds()?;
            next = parser.byte(|byte| matches!(byte, b'Z' | b'+' | b'-'))?;
        }
        let mut offset = 0;
        if next != b'Z' {
            let hours = i16::from(parser.two_digits(0, 24)?);
            parser.skip(b':')?;
            offset = hours * 60 + i16::from(parser.two_digits(0, 60)?);
            if next == b'-' {
                offset = -offset;
            }
        }
        if parser.at < text.len() {
            return parser.fail();
        }
        Ok(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset,
        })
    }

    /// Returns the instant: seconds since the start of the year 0 in UTC, and nanoseconds.
    // Inlined, it would take 600 bytes of wasm for each call, and be no faster.
    #[inline(never)]
    pub fn instant(&self) -> (i64, u32) {
        let year = i64::from(self.year);
        // Leap days of the years before. The year 0 is a leap year.
        let leap_days = match year - 1 {
            -1 => 0,
            before => before / 4 - before / 100 + before / 400 + 1,
        };
        // Of months of 30 and 31 days, less what February lacks.
        let month = i64::from(self.month);
        let missing = match self.month {
            ..3 => 0,
            _ => 30 - i64::from(days_in(2, self.year)),
        };
        let days_before = (367 * month - 362) / 12 - missing;
        let days = year * 365 + leap_days + days_before + i64::from(self.day) - 1;
        let minutes = days * 1440 + i64::from(self.hour) * 60 + i64::from(self.minute);
        let seconds = (minutes - i64::from(self.offset)) * 60 + i64::from(self.second);
        (seconds, self.nanosecond)
    }

    /// Returns whether every field is in its range.
    pub(crate) fn is_valid(&self) -> bool {
        self.year <= 9999
            && (1..=12).contains(&self.month)
            && (1..=days_in(self.month, self.year)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.nanosecond < 1_000_000_000
            && self.offset.unsigned_abs() <= 25 * 60
    }

    /// Returns whether RFC 3339 allows this time: its offset from UTC is less than 24 hours.
    pub fn is_encodable(&self) -> bool {
        self.offset.abs() < 24 * 60
    }

    /// Returns the same instant in UTC; for an instant outside the years 0 to 9999, the nearest
    /// second inside them, with the same fraction.
    #[inline(never)]
    pub fn in_utc(&self) -> Self {
        // The last second of the year 9999.
        const LAST: i64 = 3_652_425 * 86_400 - 1;
        let seconds = self.instant().0.clamp(0, LAST);
        let (days, second) = ((seconds / 86_400) as u32, (seconds % 86_400) as u32);
        // In a year that starts in March, a leap day is the last day. Eras of 400 years have all
        // the same days. (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms.) The first
        // era here starts in March of the year -400.
        let days = days + 146_097 - 60;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let is_next_year = month >= 10;
        Self {
            year: (year + era * 400 + u32::from(is_next_year) - 400) as u16,
            month: (if is_next_year { month - 9 } else { month + 3 }) as u8,
            day: (day - (153 * month + 2) / 5 + 1) as u8,
            hour: (second / 3600) as u8,
            minute: (second / 60 % 60) as u8,
            second: (second % 60) as u8,
            nanosecond: self.nanosecond,
            offset: 0,
        }
    }

    /// Returns the text that [`write`](Self::write) appends.
    #[inline(never)]
    pub fn text(&self) -> String {
        let mut text = Vec::with_capacity(35);
        self.write(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Appends the text in Go's format `RFC3339Nano`: no trailing zeros, and `Z` for an offset of
    /// 0.
    pub fn write(&self, out: &mut Vec<u8>) {
        /// Writes two digits over zeros. Not inlined, because copies would make the wasm larger.
        #[inline(never)]
        fn pair(text: &mut [u8], at: usize, number: u16) {
            if let Some([tens, ones]) = text.get_mut(at..at + 2) {
                *tens += (number / 10) as u8;
                *ones += (number % 10) as u8;
            }
        }
        let mut text = *b"0000-00-00T00:00:00.000000000+00:00";
        pair(&mut text, 0, self.year / 100);
        pair(&mut text, 2, self.year % 100);
        pair(&mut text, 5, self.month.into());
        pair(&mut text, 8, self.day.into());
        pair(&mut text, 11, self.hour.into());
        pair(&mut text, 14, self.minute.into());
        pair(&mut text, 17, self.second.into());
        let (clock, rest) = text.split_at_mut(19);
        out.extend_from_slice(clock);
        let (fraction, offset) = rest.split_at_mut(10);
        if self.nanosecond != 0 {
            let mut rest = self.nanosecond;
            let mut digits = fraction[1..].iter_mut().rev();
            while let (1.., Some(digit)) = (rest, digits.next()) {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
            out.extend_from_slice(fraction);
            while out.last() == Some(&b'0') {
                out.pop();
            }
        }
        if self.offset == 0 {
            out.push(b'Z');
            return;
        }
        let minutes = self.offset.unsigned_abs();
        if self.offset < 0 {
            offset[0] = b'-';
        }
        pair(offset, 1, minutes / 60);
        pair(offset, 4, minutes % 60);
        out.extend_from_slice(offset);
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

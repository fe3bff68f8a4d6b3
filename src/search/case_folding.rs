//! Unicode's simple case folding: the statuses C and S of `CaseFolding.txt`, Unicode 17.

use std::sync::OnceLock;

/// Characters that fold by the same distance: the first character, how many, the step from each to
/// the next, and the distance.
type Run = (u32, u8, u8, i32);

/// Returns the folded character, which is the same for characters that differ in case alone.
#[inline]
pub(crate) fn fold_case(char: char) -> char {
    if char.is_ascii() {
        return char.to_ascii_lowercase();
    }
    let runs = runs();
    let after = runs.partition_point(|run| run.0 <= u32::from(char));
    let run = after.checked_sub(1).and_then(|index| runs.get(index));
    run.and_then(|run| fold_by(run, char)).unwrap_or(char)
}

/// Returns the characters that fold to `folded`, itself included.
pub(crate) fn unfold_case(folded: char) -> impl Iterator<Item = char> {
    let others = runs().iter().filter_map(move |run| {
        let char = char::from_u32(u32::from(folded).checked_add_signed(-run.3)?)?;
        fold_by(run, char).map(|_| char)
    });
    std::iter::once(folded).chain(others)
}

/// Returns the character that `char` folds to, if it belongs to the run.
fn fold_by(&(first, count, step, distance): &Run, char: char) -> Option<char> {
    let from_first = u32::from(char).checked_sub(first)?;
    let step = u32::from(step);
    if from_first % step != 0 || from_first / step >= u32::from(count) {
        return None;
    }
    char::from_u32(u32::from(char).checked_add_signed(distance)?)
}

/// Returns `RUNS`, which are unpacked once.
fn runs() -> &'static [Run; RUNS.len()] {
    static UNPACKED: OnceLock<[Run; RUNS.len()]> = OnceLock::new();
    UNPACKED.get_or_init(|| {
        let mut runs = [(0, 0, 0, 0); RUNS.len()];
        let (mut at, mut end) = (0, 0);
        for run in &mut runs {
            let first = end + unpack(&mut at);
            let many = unpack(&mut at);
            let (count, step) = (many >> 1, 1 + (many & 1));
            let distance = unpack(&mut at);
            let distance = (distance >> 1) as i32 ^ -((distance & 1) as i32);
            *run = (first, count as u8, step as u8, distance);
            end = first + count * step;
        }
        runs
    })
}

/// Reads a number of `PACKED`, and moves `at` after it.
#[inline(never)]
fn unpack(at: &mut usize) -> u32 {
    let mut number = 0;
    loop {
        let byte = PACKED[*at];
        *at += 1;
        number = number << 7 | u32::from(byte & 0x7f);
        if byte < 0x80 {
            return number;
        }
    }
}

/// `RUNS` in a fifth of the bytes. Each run is three numbers: the distance from the end of the run
/// before, count and step, and the folding distance. The sign is the lowest bit. A number is in
/// digits of seven bits, and all digits but the last have bit 7 set.
static PACKED: [u8; packed().1] = {
    let (from, mut bytes, mut at) = (packed().0, [0; packed().1], 0);
    while at < bytes.len() {
        bytes[at] = from[at];
        at += 1;
    }
    bytes
};

/// Packs `RUNS`, and returns the bytes and how many they are.
const fn packed() -> ([u8; 12 * RUNS.len()], usize) {
    let (mut bytes, mut at, mut index, mut end) = ([0; 12 * RUNS.len()], 0, 0, 0);
    while index < RUNS.len() {
        let (first, count, step, distance) = RUNS[index];
        let (count, step) = (count as u32, step as u32);
        let sign = distance >> 31;
        let numbers = [
            first - end,
            count << 1 | (step - 1),
            (distance << 1 ^ sign) as u32,
        ];
        end = first + count * step;
        let mut which = 0;
        while which < numbers.len() {
            let mut shift = 28;
            while shift > 0 {
                if numbers[which] >> shift != 0 {
                    bytes[at] = (numbers[which] >> shift) as u8 | 0x80;
                    at += 1;
                }
                shift -= 7;
            }
            bytes[at] = numbers[which] as u8 & 0x7f;
            at += 1;
            which += 1;
        }
        index += 1;
    }
    (bytes, at)
}

#[rustfmt::skip]
const RUNS: [Run; 209] = [
    (0x41, 26, 1, 32), (0xb5, 1, 1, 775), (0xc0, 23, 1, 32), (0xd8, 7, 1, 32), (0x100, 24, 2, 1),
    (0x132, 3, 2, 1), (0x139, 8, 2, 1), (0x14a, 23, 2, 1), (0x178, 1, 1, -121), (0x179, 3, 2, 1),
    (0x17f, 1, 1, -268), (0x181, 1, 1, 210), (0x182, 2, 2, 1), (0x186, 1, 1, 206), (0x187, 1, 1, 1),
    (0x189, 2, 1, 205), (0x18b, 1, 1, 1), (0x18e, 1, 1, 79), (0x18f, 1, 1, 202), (0x190, 1, 1, 203),
    (0x191, 1, 1, 1), (0x193, 1, 1, 205), (0x194, 1, 1, 207), (0x196, 1, 1, 211),
    (0x197, 1, 1, 209), (0x198, 1, 1, 1), (0x19c, 1, 1, 211), (0x19d, 1, 1, 213),
    (0x19f, 1, 1, 214), (0x1a0, 3, 2, 1), (0x1a6, 1, 1, 218), (0x1a7, 1, 1, 1), (0x1a9, 1, 1, 218),
    (0x1ac, 1, 1, 1), (0x1ae, 1, 1, 218), (0x1af, 1, 1, 1), (0x1b1, 2, 1, 217), (0x1b3, 2, 2, 1),
    (0x1b7, 1, 1, 219), (0x1b8, 1, 1, 1), (0x1bc, 1, 1, 1), (0x1c4, 1, 1, 2), (0x1c5, 1, 1, 1),
    (0x1c7, 1, 1, 2), (0x1c8, 1, 1, 1), (0x1ca, 1, 1, 2), (0x1cb, 9, 2, 1), (0x1de, 9, 2, 1),
    (0x1f1, 1, 1, 2), (0x1f2, 2, 2, 1), (0x1f6, 1, 1, -97), (0x1f7, 1, 1, -56), (0x1f8, 20, 2, 1),
    (0x220, 1, 1, -130), (0x222, 9, 2, 1), (0x23a, 1, 1, 10795), (0x23b, 1, 1, 1),
    (0x23d, 1, 1, -163), (0x23e, 1, 1, 10792), (0x241, 1, 1, 1), (0x243, 1, 1, -195),
    (0x244, 1, 1, 69), (0x245, 1, 1, 71), (0x246, 5, 2, 1), (0x345, 1, 1, 116), (0x370, 2, 2, 1),
    (0x376, 1, 1, 1), (0x37f, 1, 1, 116), (0x386, 1, 1, 38), (0x388, 3, 1, 37), (0x38c, 1, 1, 64),
    (0x38e, 2, 1, 63), (0x391, 17, 1, 32), (0x3a3, 9, 1, 32), (0x3c2, 1, 1, 1), (0x3cf, 1, 1, 8),
    (0x3d0, 1, 1, -30), (0x3d1, 1, 1, -25), (0x3d5, 1, 1, -15), (0x3d6, 1, 1, -22),
    (0x3d8, 12, 2, 1), (0x3f0, 1, 1, -54), (0x3f1, 1, 1, -48), (0x3f4, 1, 1, -60),
    (0x3f5, 1, 1, -64), (0x3f7, 1, 1, 1), (0x3f9, 1, 1, -7), (0x3fa, 1, 1, 1), (0x3fd, 3, 1, -130),
    (0x400, 16, 1, 80), (0x410, 32, 1, 32), (0x460, 17, 2, 1), (0x48a, 27, 2, 1), (0x4c0, 1, 1, 15),
    (0x4c1, 7, 2, 1), (0x4d0, 48, 2, 1), (0x531, 38, 1, 48), (0x10a0, 38, 1, 7264),
    (0x10c7, 1, 1, 7264), (0x10cd, 1, 1, 7264), (0x13f8, 6, 1, -8), (0x1c80, 1, 1, -6222),
    (0x1c81, 1, 1, -6221), (0x1c82, 1, 1, -6212), (0x1c83, 2, 1, -6210), (0x1c85, 1, 1, -6211),
    (0x1c86, 1, 1, -6204), (0x1c87, 1, 1, -6180), (0x1c88, 1, 1, 35267), (0x1c89, 1, 1, 1),
    (0x1c90, 43, 1, -3008), (0x1cbd, 3, 1, -3008), (0x1e00, 75, 2, 1), (0x1e9b, 1, 1, -58),
    (0x1e9e, 1, 1, -7615), (0x1ea0, 48, 2, 1), (0x1f08, 8, 1, -8), (0x1f18, 6, 1, -8),
    (0x1f28, 8, 1, -8), (0x1f38, 8, 1, -8), (0x1f48, 6, 1, -8), (0x1f59, 4, 2, -8),
    (0x1f68, 8, 1, -8), (0x1f88, 8, 1, -8), (0x1f98, 8, 1, -8), (0x1fa8, 8, 1, -8),
    (0x1fb8, 2, 1, -8), (0x1fba, 2, 1, -74), (0x1fbc, 1, 1, -9), (0x1fbe, 1, 1, -7173),
    (0x1fc8, 4, 1, -86), (0x1fcc, 1, 1, -9), (0x1fd3, 1, 1, -7235), (0x1fd8, 2, 1, -8),
    (0x1fda, 2, 1, -100), (0x1fe3, 1, 1, -7219), (0x1fe8, 2, 1, -8), (0x1fea, 2, 1, -112),
    (0x1fec, 1, 1, -7), (0x1ff8, 2, 1, -128), (0x1ffa, 2, 1, -126), (0x1ffc, 1, 1, -9),
    (0x2126, 1, 1, -7517), (0x212a, 1, 1, -8383), (0x212b, 1, 1, -8262), (0x2132, 1, 1, 28),
    (0x2160, 16, 1, 16), (0x2183, 1, 1, 1), (0x24b6, 26, 1, 26), (0x2c00, 48, 1, 48),
    (0x2c60, 1, 1, 1), (0x2c62, 1, 1, -10743), (0x2c63, 1, 1, -3814), (0x2c64, 1, 1, -10727),
    (0x2c67, 3, 2, 1), (0x2c6d, 1, 1, -10780), (0x2c6e, 1, 1, -10749), (0x2c6f, 1, 1, -10783),
    (0x2c70, 1, 1, -10782), (0x2c72, 1, 1, 1), (0x2c75, 1, 1, 1), (0x2c7e, 2, 1, -10815),
    (0x2c80, 50, 2, 1), (0x2ceb, 2, 2, 1), (0x2cf2, 1, 1, 1), (0xa640, 23, 2, 1),
    (0xa680, 14, 2, 1), (0xa722, 7, 2, 1), (0xa732, 31, 2, 1), (0xa779, 2, 2, 1),
    (0xa77d, 1, 1, -35332), (0xa77e, 5, 2, 1), (0xa78b, 1, 1, 1), (0xa78d, 1, 1, -42280),
    (0xa790, 2, 2, 1), (0xa796, 10, 2, 1), (0xa7aa, 1, 1, -42308), (0xa7ab, 1, 1, -42319),
    (0xa7ac, 1, 1, -42315), (0xa7ad, 1, 1, -42305), (0xa7ae, 1, 1, -42308), (0xa7b0, 1, 1, -42258),
    (0xa7b1, 1, 1, -42282), (0xa7b2, 1, 1, -42261), (0xa7b3, 1, 1, 928), (0xa7b4, 8, 2, 1),
    (0xa7c4, 1, 1, -48), (0xa7c5, 1, 1, -42307), (0xa7c6, 1, 1, -35384), (0xa7c7, 2, 2, 1),
    (0xa7cb, 1, 1, -42343), (0xa7cc, 8, 2, 1), (0xa7dc, 1, 1, -42561), (0xa7f5, 1, 1, 1),
    (0xab70, 80, 1, -38864), (0xfb05, 1, 1, 1), (0xff21, 26, 1, 32), (0x10400, 40, 1, 40),
    (0x104b0, 36, 1, 40), (0x10570, 11, 1, 39), (0x1057c, 15, 1, 39), (0x1058c, 7, 1, 39),
    (0x10594, 2, 1, 39), (0x10c80, 51, 1, 64), (0x10d50, 22, 1, 32), (0x118a0, 32, 1, 32),
    (0x16e40, 32, 1, 32), (0x16ea0, 25, 1, 27), (0x1e900, 34, 1, 34),
];

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

    use super::{fold_case, unfold_case};

    /// From this character on, characters have no case.
    const UNCASED: char = '\u{20000}';

    #[test]
    fn folds_the_same_characters_as_another_table() {
        let class = |chars: &[char]| {
            ClassUnicode::new(chars.iter().map(|&char| ClassUnicodeRange::new(char, char)))
        };
        for char in '\0'..UNCASED {
            let mut theirs = class(&[char]);
            theirs.case_fold_simple();
            let ours = class(&unfold_case(fold_case(char)).collect::<Vec<_>>());
            // Their table is of Unicode 16.
            let is_newer = matches!(
                char,
                '\u{a7ce}' | '\u{a7cf}' | '\u{a7d2}'..='\u{a7d5}' | '\u{16ea0}'..='\u{16eb8}' | '\u{16ebb}'..='\u{16ed3}'
            );
            assert_eq!(ours == theirs, !is_newer, "{:x}", u32::from(char));
        }
        let rest = ClassUnicode::new([ClassUnicodeRange::new(UNCASED, char::MAX)]);
        let mut theirs = rest.clone();
        theirs.case_fold_simple();
        assert_eq!(theirs, rest);
        assert!((UNCASED..=char::MAX).all(|char| fold_case(char) == char));
    }

    #[test]
    fn keeps_a_character_that_is_folded() {
        for char in '\0'..=char::MAX {
            assert_eq!(fold_case(fold_case(char)), fold_case(char), "{char:?}");
        }
        for (char, folded) in [
            ('A', 'a'),
            ('ẞ', 'ß'),
            ('ς', 'σ'),
            ('\u{212a}', 'k'),
            ('ſ', 's'),
            ('ꭰ', 'Ꭰ'),
            ('İ', 'İ'),
            ('ı', 'ı'),
        ] {
            assert_eq!(fold_case(char), folded);
        }
    }
}

//! The files of proc, as `proc(5)` describes them: from bytes to numbers.
//!
//! None of them is trusted. A number that isn't there, or isn't one, is none, and leaves the others as they are.

/// What `/proc/<pid>/stat` says: `proc_pid_stat(5)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) user_ticks: Option<u64>,
    pub(super) system_ticks: Option<u64>,
    pub(super) threads: Option<u64>,
    /// Since the system has started.
    pub(super) start_ticks: Option<u64>,
    pub(super) virtual_bytes: Option<u64>,
    pub(super) resident_pages: Option<u64>,
}

impl Stat {
    pub(super) fn parse(stat: &[u8]) -> Self {
        // The name of the program stands in parentheses, and may have any of its own; what is behind it has none.
        let Some(name_ends) = stat.iter().rposition(|byte| *byte == b')') else { return Self::default() };
        let mut fields = Vec::new();
        for field in words(&stat[name_ends + 1..]).take(22) {
            fields.push(field);
        }
        // The first of these is the third of the manual.
        let field = |number: usize| fields.get(number - 3).copied().and_then(number_of);
        Self {
            user_ticks: field(14),
            system_ticks: field(15),
            threads: field(20),
            start_ticks: field(22),
            virtual_bytes: field(23),
            resident_pages: field(24),
        }
    }
}

/// When the system has started, in seconds since 1970: from `/proc/stat`, `proc_stat(5)`.
pub(super) fn boot_time(stat: &[u8]) -> Option<u64> {
    number_of(lines(stat).find_map(|line| line.strip_prefix(b"btime "))?.trim_ascii())
}

/// A soft limit of `/proc/<pid>/limits`, `proc_pid_limits(5)`. Where there is no limit, it is what the kernel has for
/// that, `RLIM_INFINITY` of `getrlimit(2)`.
pub(super) fn limit(limits: &[u8], name: &str) -> Option<u64> {
    let of_this = |line: &'_ [u8]| line.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b" "));
    let line = lines(limits).find(|line| of_this(line))?;
    match words(&line[name.len()..]).next()? {
        b"unlimited" => Some(u64::MAX),
        limit => number_of(limit),
    }
}

/// The bytes that IP has received and sent: `IpExt` of `/proc/<pid>/net/netstat`, `proc_pid_net(5)`. A line of names
/// stands in front of the line of their numbers.
pub(super) fn octets(netstat: &[u8]) -> [Option<u64>; 2] {
    let mut found = lines(netstat).filter_map(|line| line.strip_prefix(b"IpExt:"));
    let (Some(names), Some(numbers)) = (found.next(), found.next()) else { return [None; 2] };
    let of = |wanted: &[u8]| {
        let mut pairs = words(names).zip(words(numbers));
        number_of(pairs.find(|(name, _)| *name == wanted)?.1)
    };
    [of(b"InOctets"), of(b"OutOctets")]
}

/// In which units the kernel counts memory and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Units {
    /// None where nobody knows.
    pub(super) page_bytes: Option<u64>,
    pub(super) ticks_per_second: u64,
}

/// Keys of `getauxval(3)`.
const AT_PAGESZ: usize = 6;
const AT_CLKTCK: usize = 17;

impl Units {
    /// From `/proc/self/auxv`, `proc_pid_auxv(5)`: pairs of words, a key and its value.
    pub(super) fn parse(auxv: &[u8]) -> Self {
        let (words, _) = auxv.as_chunks::<{ size_of::<usize>() }>();
        let (pairs, _) = words.as_chunks::<2>();
        let value = |wanted| {
            let mut pairs = pairs.iter().map(|[key, value]| (usize::from_ne_bytes(*key), usize::from_ne_bytes(*value)));
            let value = pairs.find(|(key, value)| *key == wanted && *value > 0)?.1;
            u64::try_from(value).ok()
        };
        // Without it: these processors have no other page size, and nearly all have this `USER_HZ`.
        let known = cfg!(any(target_arch = "x86", target_arch = "x86_64")).then_some(4096);
        Self { page_bytes: value(AT_PAGESZ).or(known), ticks_per_second: value(AT_CLKTCK).unwrap_or(100) }
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// Of digits alone.
fn number_of(digits: &[u8]) -> Option<u64> {
    let digits = str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stat(name: &[u8], fields: [u64; 6]) -> Vec<u8> {
        let [user, system, threads, start, bytes, pages] = fields;
        let rest = format!(
            ") S 1 7 7 0 -1 4194560 9 0 0 0 {user} {system} 3 4 20 0 {threads} 0 {start} {bytes} \
             {pages} 18446744073709551615 1 1 0\n"
        );
        [b"7 (", name, rest.as_bytes()].concat()
    }

    fn parsed([user, system, threads, start, bytes, pages]: [u64; 6]) -> Stat {
        Stat {
            user_ticks: Some(user),
            system_ticks: Some(system),
            threads: Some(threads),
            start_ticks: Some(start),
            virtual_bytes: Some(bytes),
            resident_pages: Some(pages),
        }
    }

    #[test]
    fn what_is_cut_off_or_no_number_is_left_out_alone() {
        assert_eq!(Stat::parse(b""), Stat::default());
        assert_eq!(Stat::parse(b"7 (sh"), Stat::default());
        assert_eq!(Stat::parse(b"7 (sh)"), Stat::default());
        let whole = String::from_utf8(stat(b"sh", [11, 22, 33, 44, 55, 66])).unwrap();
        for (garbage, spoilt) in [
            (" 22 ", Stat { system_ticks: None, ..parsed([11, 22, 33, 44, 55, 66]) }),
            (" 55 ", Stat { virtual_bytes: None, ..parsed([11, 22, 33, 44, 55, 66]) }),
        ] {
            for other in [" -1 ", " 1.5 ", " 18446744073709551616 ", " +1 ", " ½ ", " x "] {
                assert_eq!(Stat::parse(whole.replace(garbage, other).as_bytes()), spoilt);
            }
        }
        let half = &whole[..whole.find(" 33 ").unwrap()];
        let expected = Stat { user_ticks: Some(11), system_ticks: Some(22), ..Stat::default() };
        assert_eq!(Stat::parse(half.as_bytes()), expected);
    }

    #[test]
    fn the_boot_time_has_a_line_of_its_own() {
        assert_eq!(boot_time(b"cpu  1 2 3\nintr 5 0 0\nctxt 9\nbtime 1418183276\nprocesses 4\n"), Some(1_418_183_276));
        assert_eq!(boot_time(b"btime 7"), Some(7));
        assert_eq!(boot_time(b"xbtime 7\nbtimes 8\n"), None);
        assert_eq!(boot_time(b"btime \nbtime 7\n"), None);
    }

    #[test]
    fn a_limit_is_the_soft_one() {
        let limits = b"Limit                     Soft Limit           Hard Limit           Units     \n\
            Max open files, somewhere 9                    9                    files     \n\
            Max open files            2048                 unlimited            files     \n\
            Max address space         unlimited            unlimited            bytes     \n";
        assert_eq!(limit(limits, "Max open files"), Some(2048));
        assert_eq!(limit(limits, "Max address space"), Some(u64::MAX));
        assert_eq!(limit(limits, "Max locked memory"), None);
        assert_eq!(limit(b"Max open files  many", "Max open files"), None);
        assert_eq!(limit(b"Max open files", "Max open files"), None);
    }

    #[test]
    fn octets_are_found_by_their_names() {
        let netstat = b"TcpExt: InOctets OutOctets\nTcpExt: 1 2\n\
            IpExt: InNoRoutes InOctets InMcastPkts OutOctets\nIpExt: 0 44 0 55\n";
        assert_eq!(octets(netstat), [Some(44), Some(55)]);
        assert_eq!(octets(b"IpExt: InOctets OutOctets\nIpExt: 44\n"), [Some(44), None]);
        assert_eq!(octets(b"IpExt: InOctets OutOctets\n"), [None; 2]);
        assert_eq!(octets(b""), [None; 2]);
    }

    #[test]
    fn units_come_from_the_auxiliary_vector() {
        let words: [usize; 8] = [33, 7, 6, 16_384, 17, 250, 0, 0];
        let auxv: Vec<u8> = words.into_iter().flat_map(usize::to_ne_bytes).collect();
        assert_eq!(Units::parse(&auxv), Units { page_bytes: Some(16_384), ticks_per_second: 250 });
        assert_eq!(Units::parse(&auxv[..20]).ticks_per_second, 100);
        let zeros: Vec<u8> = [6_usize, 0, 17, 0].into_iter().flat_map(usize::to_ne_bytes).collect();
        assert_eq!(Units::parse(&zeros), Units::parse(b""));
    }

    proptest! {
        #[test]
        fn the_name_of_a_program_may_be_anything(
            name in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..70),
                "[ ()0-9S\n]{0,64}".prop_map(String::into_bytes),
            ],
            fields: [u64; 6],
        ) {
            prop_assert_eq!(Stat::parse(&stat(&name, fields)), parsed(fields));
        }

        #[test]
        fn nothing_panics_whatever_is_read(
            file in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..200),
                "((IpExt:|InOctets|OutOctets|btime|Max open files|unlimited|[0-9]{1,25}|[()]|\\PC)[ \n]?){0,30}"
                    .prop_map(String::into_bytes),
            ],
        ) {
            let _ = (Stat::parse(&file), boot_time(&file), octets(&file), Units::parse(&file));
            prop_assert!(limit(&file, "Max open files").is_none_or(|_| !file.is_empty()));
        }

        #[test]
        fn every_limit_and_count_is_read_back(files in prop::option::of(any::<u64>()), bytes: [u64; 2]) {
            let soft = files.map_or("unlimited".to_owned(), |files| files.to_string());
            let limits = format!("Max processes 1 1 processes\nMax open files            {soft:<20} 1048576\n");
            prop_assert_eq!(limit(limits.as_bytes(), "Max open files"), Some(files.unwrap_or(u64::MAX)));
            let [received, sent] = bytes;
            let netstat = format!("IpExt: OutOctets X InOctets\nIpExt: {sent} 1 {received}\n");
            prop_assert_eq!(octets(netstat.as_bytes()), bytes.map(Some));
        }
    }
}

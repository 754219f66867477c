//! The rules of ARCHITECTURE.md that a compiler doesn't hold: who may name whom.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of `runtime/src`, lowest first: each may name those before it, and itself.
const LAYERS: &[&str] = &[
    "error",
    "sort",
    "name",
    "buckets",
    "native",
    "quantiles",
    "escape",
    "clock",
    "label",
    "descriptor",
    "snapshot",
    "tracing",
    "storage",
    "collector",
    "collectors",
    "metric",
    "linked",
    "registry",
    "exposition",
    "parse",
    "testing",
    "http",
    "fuzzing",
    "__private",
];

/// Whom a module may not name although it is lower: the text formats know gathered data and no registry.
const KEPT_APART: &[(&str, &[&str])] = &[
    ("collectors", &["storage"]),
    ("exposition", &["label", "storage", "collector", "collectors", "metric", "linked", "registry"]),
    ("parse", &["label", "storage", "collector", "collectors", "metric", "linked", "registry"]),
    ("__private", &["http", "registry", "exposition"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file: without comments, and without the unit tests at its end.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The module of `runtime/src` that a file belongs to.
fn module(file: &Path, source: &Path) -> String {
    let path = file.strip_prefix(source).unwrap();
    path.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The first word of each entry of a list in braces, whatever is nested in it.
fn first_words(list: &str) -> Vec<String> {
    let (mut depth, mut entries) = (0_usize, vec![String::new()]);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(String::new()),
            c if depth == 0 => entries.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let word =
        |entry: &String| entry.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    entries.iter().map(word).filter(|word| !word.is_empty()).collect()
}

/// Every `x` of `crate::x` and of `crate::{x, …}`.
fn named(code: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(['$', '_']) {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(first_words(list)),
            None => found.push(word(rest)),
        }
    }
    found
}

#[test]
fn imports_run_downwards_only() {
    let source = root().join("runtime/src");
    for file in sources(&source) {
        let module = module(&file, &source);
        if module == "lib" {
            continue;
        }
        let level = |name: &str| LAYERS.iter().position(|layer| *layer == name);
        let own =
            level(&module).unwrap_or_else(|| panic!("{} is in no layer; ARCHITECTURE.md lists them", file.display()));
        let apart = KEPT_APART.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, apart)| apart);
        for name in named(&code(&file)).iter().filter(|name| name.starts_with(char::is_lowercase)) {
            let level = level(name).unwrap_or_else(|| panic!("{} names the unknown module `{name}`", file.display()));
            assert!(level <= own, "{} names `{name}`, which stands above it", file.display());
            assert!(!apart.contains(&name.as_str()), "{} names `{name}`, which it must not know", file.display());
        }
    }
}

#[test]
fn only_http_names_hyper_and_tokio() {
    let source = root().join("runtime/src");
    let tells_of_tokio = source.join("collectors/tokio_runtime.rs");
    for file in sources(&source) {
        let code = code(&file);
        let names = |libraries: &[&str]| libraries.iter().any(|library| code.contains(library));
        let http = module(&file, &source) == "http";
        assert!(http || !names(&["hyper::", "hyper_util::"]), "{} names hyper", file.display());
        assert!(http || file == tells_of_tokio || !names(&["tokio::"]), "{} names tokio", file.display());
    }
}

/// What is only for tests, or only for programs that read pages, is no part of anybody else's build: who calls it
/// compiles it.
#[test]
fn functions_that_few_programs_call_are_compiled_by_their_callers() {
    for folder in ["testing", "parse"] {
        let folder = root().join("runtime/src").join(folder);
        let of_tests = |file: &Path| file.starts_with(folder.join("tests")) || file.ends_with("tests.rs");
        for file in sources(&folder).iter().filter(|file| !of_tests(file)) {
            let code = code(file);
            let mut before = "";
            for line in code.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let item =
                    ["pub(super) ", "pub ", "const "].iter().fold(line, |line, word| line.trim_start_matches(word));
                let function = item.starts_with("fn ");
                assert!(!function || before == "#[inline]", "{}: `{line}` is not #[inline]", file.display());
                before = line;
            }
        }
    }
}

#[test]
fn unsafe_code_stands_in_storage_only() {
    for folder in ["runtime/src", "macros/src", "cli/src", "examples"] {
        for file in sources(&root().join(folder)) {
            let stands = code(&file).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe");
            assert!(
                !stands || file.starts_with(root().join("runtime/src/storage")) || knows_the_word(&file),
                "{}",
                file.display()
            );
        }
    }
}

/// The macros read the word in what users write.
fn knows_the_word(file: &Path) -> bool {
    file.starts_with(root().join("macros/src")) && !code(file).contains("unsafe {") && !code(file).contains("unsafe fn")
}

#[test]
fn only_generated_code_names_what_is_private_to_it() {
    for folder in ["runtime/src", "cli/src", "examples"] {
        for file in sources(&root().join(folder)) {
            let own =
                file.starts_with(root().join("runtime/src/__private")) || file.ends_with("runtime/src/__private.rs");
            // What a macro of the crate writes is generated code too.
            let code = code(&file).replace("pub mod __private", "").replace("$crate::__private", "");
            assert!(own || !code.contains("__private"), "{} names `__private`", file.display());
        }
    }
}

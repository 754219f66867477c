//! Columns.

use std::io::{self, Write};

/// Rows whose columns stand below each other: the first to the left, the others to the right.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

/// A first column that is longer moves what stands behind it, and nothing in other rows.
const WIDEST: usize = 72;

impl Table {
    pub(crate) fn row(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                let most = if at == 0 { WIDEST } else { usize::MAX };
                widths[at] = widths[at].max(cell.chars().count().min(most));
            }
        }
        for row in &self.rows {
            let last = row.iter().rposition(|cell| !cell.is_empty()).map_or(0, |at| at + 1);
            for (at, (cell, width)) in row[..last].iter().zip(&widths).enumerate() {
                match at {
                    0 if last == 1 => write!(out, "  {cell}")?,
                    0 => write!(out, "  {cell:<width$}")?,
                    _ => write!(out, "  {cell:>width$}")?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[&[&str]]) -> String {
        let mut table = Table::default();
        for row in rows {
            table.row(row.iter().map(|cell| (*cell).to_owned()));
        }
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_stand_below_each_other() {
        assert_eq!(
            written(&[&["", "count", "sum"], &["größe", "1", "2.5"], &["b", "100", ""]]),
            "         count  sum\n  größe      1  2.5\n  b        100\n"
        );
        assert_eq!(written(&[]), "");
    }

    #[test]
    fn a_long_row_moves_no_other() {
        let long = "x".repeat(100);
        let text = written(&[&[&long, "1"], &["b", "2"]]);
        assert_eq!(text.lines().next(), Some(format!("  {long}  1").as_str()));
        assert_eq!(text.lines().nth(1).map(str::len), Some(2 + WIDEST + 2 + 1));
    }
}

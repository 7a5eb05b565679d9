//! Reports for people: pages of HTML that stand alone, with tables that sort and pictures in SVG.
//!
//! A [`Page`](page::Page) holds sections; what goes into them are [tables](table::Table) and [charts](chart), which render
//! as `maud` markup.

pub mod calibration;
pub mod chart;
pub mod divergence;
pub mod files;
pub mod history;
pub mod markdown;
pub mod number;
pub mod page;
pub mod recording;
pub mod summary;
pub mod table;
mod theme;

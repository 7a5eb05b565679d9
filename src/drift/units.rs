//! Scales of the program's integers: how many units make one.

/// Prices, in dollars.
pub const PRICE: u64 = 1_000_000;
/// Quote amounts, in dollars.
pub const QUOTE: u64 = 1_000_000;
/// Base amounts and AMM reserves.
pub const BASE: u64 = 1_000_000_000;
/// Peg multipliers.
pub const PEG: u64 = 1_000_000;
/// Shares of one: spreads, utilisation, interest rates, insurance factors, concentration, liquidation fees, IMF.
pub const PERCENTAGE: u64 = 1_000_000;
/// Funding rates, in dollars per unit of base.
pub const FUNDING_RATE: u64 = 1_000_000_000;
/// Margin ratios and asset or liability weights.
pub const MARGIN: u32 = 10_000;
/// Scaled balances of spot markets.
pub const SPOT_BALANCE: u64 = 1_000_000_000;
/// Cumulative interest of spot markets.
pub const CUMULATIVE_INTEREST: u64 = 10_000_000_000;
/// Product of a reserve and a peg multiplier in one unit of quote.
pub const RESERVE_TIMES_PEG_PER_QUOTE: u64 = BASE / QUOTE * PEG;
/// Product of a base amount and a price in one unit of quote.
pub const BASE_TIMES_PRICE_PER_QUOTE: u64 = BASE * PRICE / QUOTE;

/// Seconds.
pub const ONE_MINUTE: i64 = 60;
/// Seconds.
pub const FIVE_MINUTES: i64 = 300;
/// Seconds.
pub const ONE_HOUR: i64 = 3_600;
/// Seconds.
pub const ONE_DAY: i64 = 86_400;
/// Seconds.
pub const THIRTY_DAYS: i64 = 30 * ONE_DAY;
/// Seconds: 365 days.
pub const ONE_YEAR: i64 = 31_536_000;

/// The spot market of the quote asset.
pub const QUOTE_SPOT_MARKET: u16 = 0;

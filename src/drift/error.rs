//! Error codes as transactions report them: the token program's, Anchor's, and Drift's own from 6000 on.

/// What an instruction of the engine returns.
pub type Result<T = ()> = std::result::Result<T, ErrorCode>;

/// Refuses with `otherwise` what does not hold.
pub(crate) fn require(holds: bool, otherwise: ErrorCode) -> Result {
    if holds { Ok(()) } else { Err(otherwise) }
}

macro_rules! codes {
    ($($name:ident = $code:expr,)* ; from $base:literal: $($drift:ident,)*) => {
        /// Why an instruction was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        // The hidden variant only brings the numbers up to Drift's first.
        #[allow(missing_docs, clippy::manual_non_exhaustive)]
        pub enum ErrorCode { $($name = $code,)* #[doc(hidden)] Unnumbered = $base - 1, $($drift,)* }

        const ALL: &[(ErrorCode, &str)] =
            &[$((ErrorCode::$name, stringify!($name)),)* $((ErrorCode::$drift, stringify!($drift)),)*];
    };
}

codes! {
    // The system and token programs number their own errors from 0.
    AccountAlreadyInUse = 0, TokenInsufficientFunds = 1, TokenMintMismatch = 3, TokenOwnerMismatch = 4,
    TokenOverflow = 14, TokenAccountFrozen = 17,
    InstructionMissing = 100, InstructionFallbackNotFound = 101, InstructionDidNotDeserialize = 102,
    ConstraintMut = 2000, ConstraintHasOne = 2001, ConstraintSigner = 2002, ConstraintRaw = 2003,
    ConstraintOwner = 2004, ConstraintSeeds = 2006, ConstraintAddress = 2012, ConstraintTokenMint = 2014,
    ConstraintTokenOwner = 2015,
    AccountDiscriminatorAlreadySet = 3000, AccountDiscriminatorNotFound = 3001,
    AccountDiscriminatorMismatch = 3002, AccountDidNotDeserialize = 3003, AccountNotEnoughKeys = 3005,
    AccountNotMutable = 3006, AccountOwnedByWrongProgram = 3007, InvalidProgramId = 3008,
    InvalidProgramExecutable = 3009, AccountNotSigner = 3010, AccountNotSystemOwned = 3011,
    AccountNotInitialized = 3012, AccountSysvarMismatch = 3015,
    // The runtime's refusals, which have no number on chain, the engine's own word for what it leaves out, and a
    // program's number that is not in this table.
    AccountBorrowFailed = 0xffff_0001, ProgramFailedToComplete = 0xffff_0002, NotModelled = 0xffff_0003,
    RefusedByRuntime = 0xffff_0004, UnlistedNumber = 0xffff_0005,
    ; from 6000:
    InvalidSpotMarketAuthority, InvalidInsuranceFundAuthority, InsufficientDeposit, InsufficientCollateral,
    SufficientCollateral, MaxNumberOfPositions, AdminControlsPricesDisabled, MarketDelisted,
    MarketIndexAlreadyInitialized, UserAccountAndUserPositionsAccountMismatch, UserHasNoPositionInMarket,
    InvalidInitialPeg, InvalidRepegRedundant, InvalidRepegDirection, InvalidRepegProfitability,
    SlippageOutsideLimit, OrderSizeTooSmall, InvalidUpdateK, AdminWithdrawTooLarge, MathError,
    BnConversionError, ClockUnavailable, UnableToLoadOracle, PriceBandsBreached, ExchangePaused,
    InvalidWhitelistToken, WhitelistTokenNotFound, InvalidDiscountToken, DiscountTokenNotFound,
    ReferrerNotFound, ReferrerStatsNotFound, ReferrerMustBeWritable, ReferrerStatsMustBeWritable,
    ReferrerAndReferrerStatsAuthorityUnequal, InvalidReferrer, InvalidOracle, OracleNotFound,
    LiquidationsBlockedByOracle, MaxDeposit, CantDeleteUserWithCollateral, InvalidFundingProfitability,
    CastingFailure, InvalidOrder, InvalidOrderMaxTs, InvalidOrderMarketType,
    InvalidOrderForInitialMarginReq, InvalidOrderNotRiskReducing, InvalidOrderSizeTooSmall,
    InvalidOrderNotStepSizeMultiple, InvalidOrderBaseQuoteAsset, InvalidOrderIOC, InvalidOrderPostOnly,
    InvalidOrderIOCPostOnly, InvalidOrderTrigger, InvalidOrderAuction, InvalidOrderOracleOffset,
    InvalidOrderMinOrderSize, PlacePostOnlyLimitFailure, UserHasNoOrder, OrderAmountTooSmall,
    MaxNumberOfOrders, OrderDoesNotExist, OrderNotOpen, FillOrderDidNotUpdateState,
    ReduceOnlyOrderIncreasedRisk, UnableToLoadAccountLoader, TradeSizeTooLarge, UserCantReferThemselves,
    DidNotReceiveExpectedReferrer, CouldNotDeserializeReferrer, CouldNotDeserializeReferrerStats,
    UserOrderIdAlreadyInUse, NoPositionsLiquidatable, InvalidMarginRatio, CantCancelPostOnlyOrder,
    InvalidOracleOffset, CantExpireOrders, CouldNotLoadMarketData, PerpMarketNotFound, InvalidMarketAccount,
    UnableToLoadPerpMarketAccount, MarketWrongMutability, UnableToCastUnixTime, CouldNotFindSpotPosition,
    NoSpotPositionAvailable, InvalidSpotMarketInitialization, CouldNotLoadSpotMarketData,
    SpotMarketNotFound, InvalidSpotMarketAccount, UnableToLoadSpotMarketAccount, SpotMarketWrongMutability,
    SpotMarketInterestNotUpToDate, SpotMarketInsufficientDeposits,
    UserMustSettleTheirOwnPositiveUnsettledPNL, CantUpdatePoolBalanceType,
    InsufficientCollateralForSettlingPNL, AMMNotUpdatedInSameSlot, AuctionNotComplete, MakerNotFound,
    MakerStatsNotFound, MakerMustBeWritable, MakerStatsMustBeWritable, MakerOrderNotFound,
    CouldNotDeserializeMaker, CouldNotDeserializeMakerStats, AuctionPriceDoesNotSatisfyMaker,
    MakerCantFulfillOwnOrder, MakerOrderMustBePostOnly, CantMatchTwoPostOnlys,
    OrderBreachesOraclePriceLimits, OrderMustBeTriggeredFirst, OrderNotTriggerable,
    OrderDidNotSatisfyTriggerCondition, PositionAlreadyBeingLiquidated,
    PositionDoesntHaveOpenPositionOrOrders, AllOrdersAreAlreadyLiquidations, CantCancelLiquidationOrder,
    UserIsBeingLiquidated, LiquidationsOngoing, WrongSpotBalanceType, UserCantLiquidateThemself,
    InvalidPerpPositionToLiquidate, InvalidBaseAssetAmountForLiquidatePerp, InvalidPositionLastFundingRate,
    InvalidPositionDelta, UserBankrupt, UserNotBankrupt, UserHasInvalidBorrow, DailyWithdrawLimit,
    DefaultError, InsufficientLPTokens, CantLPWithPerpPosition, UnableToBurnLPTokens,
    TryingToRemoveLiquidityTooFast, InvalidSpotMarketVault, InvalidSpotMarketState, InvalidSerumProgram,
    InvalidSerumMarket, InvalidSerumBids, InvalidSerumAsks, InvalidSerumOpenOrders, FailedSerumCPI,
    FailedToFillOnExternalMarket, InvalidFulfillmentConfig, InvalidFeeStructure, InsufficientIFShares,
    MarketActionPaused, MarketPlaceOrderPaused, MarketFillOrderPaused, MarketWithdrawPaused,
    ProtectedAssetTierViolation, IsolatedAssetTierViolation, UserCantBeDeleted,
    ReduceOnlyWithdrawIncreasedRisk, MaxOpenInterest, CantResolvePerpBankruptcy,
    LiquidationDoesntSatisfyLimitPrice, MarginTradingDisabled, InvalidMarketStatusToSettlePnl,
    PerpMarketNotInSettlement, PerpMarketNotInReduceOnly, PerpMarketSettlementBufferNotReached,
    PerpMarketSettlementUserHasOpenOrders, PerpMarketSettlementUserHasActiveLP,
    UnableToSettleExpiredUserPosition, UnequalMarketIndexForSpotTransfer, InvalidPerpPositionDetected,
    InvalidSpotPositionDetected, InvalidAmmDetected, InvalidAmmForFillDetected,
    InvalidAmmLimitPriceOverride, InvalidOrderFillPrice, SpotMarketBalanceInvariantViolated,
    SpotMarketVaultInvariantViolated, InvalidPDA, InvalidPDASigner, RevenueSettingsCannotSettleToIF,
    NoRevenueToSettleToIF, NoAmmPerpPnlDeficit, SufficientPerpPnlPool, InsufficientPerpPnlPool,
    PerpPnlDeficitBelowThreshold, MaxRevenueWithdrawPerPeriodReached, MaxIFWithdrawReached,
    NoIFWithdrawAvailable, InvalidIFUnstake, InvalidIFUnstakeSize, InvalidIFUnstakeCancel,
    InvalidIFForNewStakes, InvalidIFRebase, InvalidInsuranceUnstakeSize, InvalidOrderLimitPrice,
    InvalidIFDetected, InvalidAmmMaxSpreadDetected, InvalidConcentrationCoef, InvalidSrmVault,
    InvalidVaultOwner, InvalidMarketStatusForFills, IFWithdrawRequestInProgress,
    NoIFWithdrawRequestInProgress, IFWithdrawRequestTooSmall, IncorrectSpotMarketAccountPassed,
    BlockchainClockInconsistency, InvalidIFSharesDetected, NewLPSizeTooSmall, MarketStatusInvalidForNewLP,
    InvalidMarkTwapUpdateDetected, MarketSettlementAttemptOnActiveMarket, MarketSettlementRequiresSettledLP,
    MarketSettlementAttemptTooEarly, MarketSettlementTargetPriceInvalid, UnsupportedSpotMarket,
    SpotOrdersDisabled, MarketBeingInitialized, InvalidUserSubAccountId, InvalidTriggerOrderCondition,
    InvalidSpotPosition, CantTransferBetweenSameUserAccount, InvalidPerpPosition, UnableToGetLimitPrice,
    InvalidLiquidation, SpotFulfillmentConfigDisabled, InvalidMaker, FailedUnwrap, MaxNumberOfUsers,
    InvalidOracleForSettlePnl, MarginOrdersOpen, TierViolationLiquidatingPerpPnl, CouldNotLoadUserData,
    UserWrongMutability, InvalidUserAccount, CouldNotLoadUserStatsData, UserStatsWrongMutability,
    InvalidUserStatsAccount, UserNotFound, UnableToLoadUserAccount, UserStatsNotFound,
    UnableToLoadUserStatsAccount, UserNotInactive, RevertFill, InvalidMarketAccountforDeletion,
    InvalidSpotFulfillmentParams, FailedToGetMint, FailedPhoenixCPI, FailedToDeserializePhoenixMarket,
    InvalidPricePrecision, InvalidPhoenixProgram, InvalidPhoenixMarket, InvalidSwap, SwapLimitPriceBreached,
    SpotMarketReduceOnly, FundingWasNotUpdated, ImpossibleFill, CantUpdatePerpBidAskTwap, UserReduceOnly,
    InvalidMarginCalculation, CantPayUserInitFee, CantReclaimRent, InsuranceFundOperationPaused,
    NoUnsettledPnl, PnlPoolCantSettleUser, OracleNonPositive, OracleTooVolatile, OracleTooUncertain,
    OracleStaleForMargin, OracleInsufficientDataPoints, OracleStaleForAMM, UnableToParsePullOracleMessage,
    MaxBorrows,
}

impl ErrorCode {
    /// The number a transaction reports.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// Every code the engine knows.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().map(|(code, _)| *code)
    }

    /// The name in the program's interface.
    pub fn name(self) -> &'static str {
        ALL.iter()
            .find(|(code, _)| *code == self)
            .map_or("Unknown", |(_, name)| name)
    }

    /// The code with this number, if it is one the engine knows.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::all().find(|code| code.number() == number)
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name(), self.number())
    }
}

impl std::error::Error for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_interface() {
        // Numbers as recorded from the program.
        for (number, name) in [
            (6000, "InvalidSpotMarketAuthority"),
            (6003, "InsufficientCollateral"),
            (6017, "InvalidUpdateK"),
            (6023, "PriceBandsBreached"),
            (6117, "UserIsBeingLiquidated"),
            (6194, "InvalidConcentrationCoef"),
            (6260, "PnlPoolCantSettleUser"),
        ] {
            let code = ErrorCode::from_number(number).unwrap();
            assert_eq!((code.number(), code.name()), (number, name));
        }
    }
}

//! Starting a bank: a chain of two slots of which the second never ends.
//!
//! Every feature is on, as solana-program-test has it; nothing is random, so a run can be repeated to the byte.

use super::{Deployed, builtin};
use crate::drift::key::DRIFT;
use agave_feature_set::FeatureSet;
use solana_account::{AccountSharedData, WritableAccount};
use solana_accounts_db::accounts_db::ACCOUNTS_DB_CONFIG_FOR_TESTING;
use solana_cluster_type::ClusterType;
use solana_runtime::bank::Bank;
use solana_runtime::bank_forks::BankForks;
use solana_runtime::genesis_utils::create_genesis_config_with_leader_ex;
use solana_runtime::runtime_config::RuntimeConfig;
use solana_sdk::fee_calculator::FeeRateGovernor;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::rent::Rent;
use std::sync::{Arc, RwLock};

/// Lamports of whoever pays: more than any run spends.
pub(super) const PLENTY: u64 = 1_000_000_000_000_000;

/// Keys of the one validator, which does nothing: any bytes will do.
const VALIDATOR: [[u8; 32]; 3] = [[11; 32], [12; 32], [13; 32]];

/// A bank in which `payer` has [`PLENTY`] and `program` is at Drift's address.
pub(super) fn start(payer: Pubkey, program: &Deployed) -> Arc<RwLock<BankForks>> {
    let rent = Rent::default();
    let [node, vote, stake] = VALIDATOR.map(Pubkey::new_from_array);
    let mut genesis = create_genesis_config_with_leader_ex(
        PLENTY,
        &payer,
        &node,
        &vote,
        &stake,
        None,
        PLENTY,
        PLENTY,
        FeeRateGovernor::default(),
        rent.clone(),
        ClusterType::Development,
        &FeatureSet::all_enabled(),
        Vec::new(),
    );
    genesis.creation_time = 0;
    let bank = Bank::new_from_genesis(
        &genesis,
        Arc::new(RuntimeConfig::default()),
        Vec::new(),
        None,
        ACCOUNTS_DB_CONFIG_FOR_TESTING,
        None,
        None,
        Arc::default(),
        None,
        None,
    );
    for (key, account) in solana_program_binaries::spl_programs(&rent) {
        bank.store_account(&key, &account);
    }
    match program {
        Deployed::BuiltIn => builtin::add_to(&bank),
        Deployed::Elf(program) => add_elf(&bank, &program.elf, &rent),
    }
    // Programs of slot 0 can be called from slot 1 on.
    let (parent, collector) = (Arc::new(bank), node);
    BankForks::new_rw_arc(Bank::new_from_parent(parent, &collector, 1))
}

fn add_elf(bank: &Bank, elf: &[u8], rent: &Rent) {
    let lamports = rent.minimum_balance(elf.len());
    let mut program = AccountSharedData::new(lamports, elf.len(), &solana_sdk::bpf_loader::id());
    program.set_data_from_slice(elf);
    program.set_executable(true);
    bank.store_account(&Pubkey::new_from_array(DRIFT.0), &program);
}

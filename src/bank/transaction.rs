//! Transactions: one instruction of the program, and the limits it needs.

use drift::accounts::Pubkey;
use drift::instruction::AccountMeta;
use drift::key::DRIFT;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_sdk::hash::Hash;
use solana_sdk::instruction::{self, Instruction};
use solana_sdk::message::Message;
use solana_sdk::pubkey::Pubkey as Address;
use solana_sdk::signature::Signature;
use solana_sdk::transaction::Transaction;

/// Compute units of the two instructions that set the limits.
pub(super) const OWN_UNITS: u64 = 2 * 150;
/// The runtime's own ceiling of compute units.
const COMPUTE_UNIT_LIMIT: u32 = 1_400_000;
/// The runtime's own ceiling for the accounts a transaction loads, 64 MiB.
const LOADED_BYTES_LIMIT: u32 = 64 * 1024 * 1024;
/// How far that ceiling counts down before the other one does: what remains is enough for the program.
const COUNTED_BYTES: u32 = 48 * 1024 * 1024;

/// The transaction number `number` of a bank, paid by `payer`. A validator checks signatures before a bank has the
/// transaction, so that here numbers stand for them.
///
/// The limits count down with the number, which makes each transaction unique: of two that are byte-identical under one
/// blockhash, the bank executes the first only.
pub(super) fn transaction(
    data: Vec<u8>,
    metas: &[AccountMeta],
    payer: &Address,
    blockhash: Hash,
    number: u32,
) -> Transaction {
    let units = COMPUTE_UNIT_LIMIT - number / COUNTED_BYTES;
    let bytes = LOADED_BYTES_LIMIT - number % COUNTED_BYTES;
    let metas = metas.iter().map(|meta| instruction::AccountMeta {
        pubkey: address(meta.key),
        is_signer: meta.signer,
        is_writable: meta.writable,
    });
    let instructions = [
        ComputeBudgetInstruction::set_compute_unit_limit(units),
        ComputeBudgetInstruction::set_loaded_accounts_data_size_limit(bytes),
        Instruction {
            program_id: address(DRIFT),
            accounts: metas.collect(),
            data,
        },
    ];
    let message = Message::new_with_blockhash(&instructions, Some(payer), &blockhash);
    let mut transaction = Transaction::new_unsigned(message);
    for (place, signature) in (0u32..).zip(&mut transaction.signatures) {
        let mut bytes = [0; 64];
        // All over: the bank tells signatures by some of their bytes.
        for part in bytes.chunks_exact_mut(8) {
            part[..4].copy_from_slice(&number.to_le_bytes());
            part[4..].copy_from_slice(&place.to_le_bytes());
        }
        *signature = Signature::from(bytes);
    }
    transaction
}

/// The same address in the runtime's type.
pub(super) fn address(key: Pubkey) -> Address {
    Address::new_from_array(key.0)
}

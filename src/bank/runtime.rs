//! Starting a bank: one bank a program, from which every replay's own one forks off.
//!
//! What all replays share is made once in a process: genesis, and the program as the runtime compiles it, which takes
//! longer than a short replay. Forks see nothing of each other. Every feature is on, as solana-program-test has it;
//! nothing is random, so a run can be repeated to the byte.

use super::scratch::use_own_folder;
use super::{Deployed, builtin};
use agave_feature_set::FeatureSet;
use drift::key::DRIFT;
use solana_account::{AccountSharedData, WritableAccount};
use solana_accounts_db::accounts_db::{ACCOUNTS_DB_CONFIG_FOR_TESTING, AccountsDbConfig};
use solana_cluster_type::ClusterType;
use solana_runtime::bank::Bank;
use solana_runtime::bank_forks::BankForks;
use solana_runtime::genesis_utils::create_genesis_config_with_leader_ex;
use solana_runtime::runtime_config::RuntimeConfig;
use solana_sdk::epoch_schedule::EpochSchedule;
use solana_sdk::fee_calculator::FeeRateGovernor;
use solana_sdk::pubkey::Pubkey;
use solana_sdk::rent::Rent;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

/// Lamports of whoever pays: more than any run spends.
pub(super) const PLENTY: u64 = 1_000_000_000_000_000;

/// Keys of the one validator, which does nothing: any bytes will do.
const VALIDATOR: [[u8; 32]; 3] = [[11; 32], [12; 32], [13; 32]];

/// A bank at slot 0 with a program in it, and its forks.
struct Root {
    bank: Arc<Bank>,
    forks: Arc<RwLock<BankForks>>,
    /// The next fork's slot: programs of slot 0 can be called from slot 1 on.
    next: AtomicU64,
}

/// By the program's hash; `None` for the built-in one.
static ROOTS: LazyLock<Mutex<HashMap<Option<String>, Arc<Root>>>> = LazyLock::new(Mutex::default);

/// One replay's bank, whose slot never ends. It and all that was written to it go when this is dropped.
pub(super) struct Fork {
    pub bank: Arc<Bank>,
    root: Arc<Root>,
}

impl Fork {
    /// A bank in which `payer` has [`PLENTY`] and `program` is at Drift's address.
    pub(super) fn new(payer: Pubkey, program: &Deployed) -> Self {
        let key = match program {
            Deployed::BuiltIn => None,
            Deployed::Elf(program) => Some(program.sha256.clone()),
        };
        // A panic elsewhere leaves either a whole root or none.
        let mut roots = ROOTS.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Arc::clone(
            roots
                .entry(key)
                .or_insert_with(|| Arc::new(apart(|| root(payer, program)))),
        );
        drop(roots);
        let slot = root.next.fetch_add(1, Ordering::Relaxed);
        let [collector, ..] = VALIDATOR.map(Pubkey::new_from_array);
        let bank = Bank::new_from_parent(Arc::clone(&root.bank), &collector, slot);
        let mut forks = root.forks.write().unwrap_or_else(PoisonError::into_inner);
        let bank = forks.insert(bank).clone_without_scheduler();
        drop(forks);
        Self { bank, root }
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        // All forks keep their signatures in one place, which would grow with every replay.
        self.bank.clear_slot_signatures(self.bank.slot());
        let mut forks = self.root.forks.write().unwrap_or_else(PoisonError::into_inner);
        forks.remove(self.bank.slot());
    }
}

/// Makes something on a thread and a pool of its own. The runtime works in parallel while it makes and freezes a bank, on
/// pools of its own or on the one it is called in. A replay is often on a worker of such a pool, and a worker that waits for
/// another pool takes up other work meanwhile: here another replay, which would wait for the lock that this one holds. And
/// where all workers of the global pool wait for that lock, none is left for the runtime.
fn apart<T: Send>(make: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let make = || match pool {
        Ok(pool) => pool.install(make),
        Err(_) => make(),
    };
    let made = std::thread::scope(|scope| scope.spawn(make).join());
    made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn root(payer: Pubkey, program: &Deployed) -> Root {
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
    // Forks are slots, and all of them are to be in one epoch: a new one has the runtime do much work, on pools of its
    // own.
    genesis.epoch_schedule = EpochSchedule::without_warmup();
    // The runtime wants folders for accounts that it moves out of memory, which it does in the background of a validator
    // alone. Made for it here, they are gone when the bank stands, and no exit can leave them behind.
    use_own_folder();
    let folder = tempfile::tempdir().ok();
    let place = folder
        .as_ref()
        .map_or_else(std::env::temp_dir, |folder| folder.path().to_owned());
    let config = AccountsDbConfig {
        base_working_path: Some(place.join("work")),
        ..ACCOUNTS_DB_CONFIG_FOR_TESTING
    };
    let bank = Bank::new_from_genesis(
        &genesis,
        Arc::new(RuntimeConfig::default()),
        vec![place.join("run")],
        None,
        config,
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
    let forks = BankForks::new_rw_arc(bank);
    let bank = forks.read().unwrap_or_else(PoisonError::into_inner).root_bank();
    bank.freeze();
    Root {
        bank,
        forks,
        next: AtomicU64::new(1),
    }
}

fn add_elf(bank: &Bank, elf: &[u8], rent: &Rent) {
    let lamports = rent.minimum_balance(elf.len());
    let mut program = AccountSharedData::new(lamports, elf.len(), &solana_sdk::bpf_loader::id());
    program.set_data_from_slice(elf);
    program.set_executable(true);
    bank.store_account(&Pubkey::new_from_array(DRIFT.0), &program);
}

//! Just enough statistics to compare two sets of times. Everything is in the unit of what is given.

/// The value below which a share of the sorted values lies.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share of a length is a place in it"
)]
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (low, part) = (place.floor(), place.fract());
    let value = |place: f64| sorted[(place as usize).min(last)];
    value(low) + part * (value(low + 1.0) - value(low))
}

/// The middle one.
#[must_use]
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// How two sets of values differ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    /// The first's median less the second's.
    pub(crate) of_medians: f64,
    /// The interval that holds it in 95 of 100 resamplings.
    pub(crate) of_medians_interval: (f64, f64),
    /// The first's mean less the second's.
    pub(crate) of_means: f64,
    /// Its 95 % interval, by Welch.
    pub(crate) of_means_interval: (f64, f64),
    /// How likely ranks at least as uneven are if both come from one distribution: Mann and Whitney's test,
    /// on both sides, by the normal approximation.
    pub(crate) p: f64,
}

/// Resamplings of an interval.
const RESAMPLINGS: usize = 2_000;
/// Of the normal distribution, between which and its negative 95 % lie.
const NORMAL_95: f64 = 1.959_964;

/// Compares two sets of values. The seed of the resampling is fixed: the same values give the same answer.
#[must_use]
pub(crate) fn compare(first: &[f64], second: &[f64]) -> Difference {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let differences: Vec<f64> = (0..RESAMPLINGS)
        .map(|_| median(&random.resample(first)) - median(&random.resample(second)))
        .collect();
    let (a, b) = (moments(first), moments(second));
    let of_means = a.mean - b.mean;
    // With hundreds of values, Student's distribution is the normal one.
    let error = (a.variance / a.count + b.variance / b.count).sqrt() * NORMAL_95;
    Difference {
        of_medians: median(first) - median(second),
        of_medians_interval: (quantile(&differences, 0.025), quantile(&differences, 0.975)),
        of_means,
        of_means_interval: (of_means - error, of_means + error),
        p: mann_whitney(first, second),
    }
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn moments(values: &[f64]) -> Moments {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Moments { count, mean, variance: squares / (count - 1.0) }
}

/// The two-sided p of the rank-sum test, with the corrections for ties and for continuity.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn mann_whitney(first: &[f64], second: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        first.iter().map(|v| (*v, true)).chain(second.iter().map(|v| (*v, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks_of_first, mut ties) = (0.0, 0.0);
    let mut start = 0;
    for group in all.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let size = group.len() as f64;
        let rank = start as f64 + f64::midpoint(size, 1.0);
        ranks_of_first += rank * group.iter().filter(|(_, is_first)| *is_first).count() as f64;
        ties += size.powi(3) - size;
        start += group.len();
    }
    let (n, m) = (first.len() as f64, second.len() as f64);
    let u = ranks_of_first - n * (n + 1.0) / 2.0;
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = ((u - n * m / 2.0).abs() - 0.5).max(0.0) / variance.sqrt();
    2.0 * upper_tail(z)
}

/// The share of the standard normal distribution above a value that isn't negative, to 1e-7 (Abramowitz and
/// Stegun, 26.2.17).
fn upper_tail(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z);
    let polynomial = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530]
        .iter()
        .fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * polynomial
}

/// Numbers that look random and are the same each time (xorshift64*).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn resample(&mut self, values: &[f64]) -> Vec<f64> {
        let length = u64::try_from(values.len()).unwrap_or(u64::MAX);
        let place = |number: u64| usize::try_from((number >> 16) % length).unwrap_or_default();
        values.iter().map(|_| values[place(self.next())]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, within: f64) -> bool {
        (a - b).abs() <= within
    }

    #[test]
    fn quantiles_are_interpolated() {
        assert!(close(median(&[3.0, 1.0, 2.0]), 2.0, 0.0));
        assert!(close(median(&[4.0, 1.0, 2.0, 3.0]), 2.5, 0.0));
        assert!(close(quantile(&[0.0, 10.0], 0.95), 9.5, 1e-12));
        assert!(close(quantile(&[7.0], 0.99), 7.0, 0.0));
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn the_normal_tail_is_that_of_the_tables() {
        for (z, p) in [(0.0, 0.5), (1.0, 0.158_655_3), (1.959_964, 0.025), (3.0, 0.001_349_9)] {
            assert!(close(upper_tail(z), p, 1e-6), "{z}");
        }
    }

    #[test]
    fn ranks_are_tested_as_in_the_textbook() {
        // Worked by hand: U is 0 of 25, its mean 12.5, its deviation the root of 25 * 11 / 12.
        let z = 12.0 / (25.0_f64 * 11.0 / 12.0).sqrt();
        let p = mann_whitney(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(close(p, 2.0 * upper_tail(z), 1e-12));
        assert!(close(p, 0.012_2, 1e-4));
        // All are equal: nothing speaks for a difference.
        assert!(close(mann_whitney(&[1.0; 10], &[1.0; 10]), 1.0, 0.0));
        // One tie over both: the ranks 1, 2.5, 4 against 2.5, 5, 6; U is 1.5, the correction 6 of 210.
        let z = (3.0 - 0.5) / (9.0_f64 / 12.0 * (7.0 - 6.0 / 30.0)).sqrt();
        assert!(close(mann_whitney(&[1.0, 2.0, 3.0], &[2.0, 4.0, 5.0]), 2.0 * upper_tail(z), 1e-12));
    }

    #[expect(clippy::cast_precision_loss, reason = "a share")]
    fn uniform(random: &mut Random, count: usize, shift: f64) -> Vec<f64> {
        (0..count).map(|_| (random.next() >> 11) as f64 / (1_u64 << 53) as f64 + shift).collect()
    }

    #[test]
    fn a_shift_is_found_and_its_absence_is_not() {
        let mut random = Random(7);
        let (a, b) = (uniform(&mut random, 1_000, 0.1), uniform(&mut random, 1_000, 0.0));
        let shifted = compare(&a, &b);
        assert!(shifted.p < 1e-6);
        assert!(close(shifted.of_means, 0.1, 0.03) && close(shifted.of_medians, 0.1, 0.06), "{shifted:?}");
        assert!(shifted.of_means_interval.0 > 0.0 && shifted.of_medians_interval.0 > 0.0);
        let (low, high) = shifted.of_means_interval;
        assert!(close(high - low, 2.0 * 1.96 * (2.0_f64 / 12.0 / 1_000.0).sqrt(), 0.003));

        // Out of a hundred comparisons of the same with the same, about five find a difference at 5 %.
        let found = (0..100)
            .filter(|_| {
                let (a, b) = (uniform(&mut random, 200, 0.0), uniform(&mut random, 200, 0.0));
                mann_whitney(&a, &b) < 0.05
            })
            .count();
        assert!((1..=12).contains(&found), "{found}");
    }
}
